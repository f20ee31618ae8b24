// Boundaries as files and options write them: one word per axis, "open,wall"; of an axis whose ends differ the
// words of its low and its high end, "wall:open".
#pragma once

#include <string>
#include <vector>

#include "msde/grid/grid.hpp"

namespace msde {

std::string boundary_word(const AxisEnds& ends);        // "wall", "wall:open"
AxisEnds parse_boundary_word(const std::string& word);  // DataError

// One word stands for all axes. DataError naming `where`: another word than periodic, wall, open, inflow or outflow, an axis
// that is periodic at one end, or another number of them than `axes`.
std::vector<AxisEnds> parse_boundaries(const std::string& words, size_t axes, const std::string& where);
std::string boundary_words(const std::vector<AxisEnds>& boundary);

}  // namespace msde
