// Boundaries as files and options write them: one word per axis, "open,open".
#pragma once

#include <string>
#include <vector>

#include "msde/grid/grid.hpp"

namespace msde {

// One word stands for all axes. DataError naming `where`: another word than periodic, wall or open, or
// another number of them than `axes`.
std::vector<Boundary> parse_boundaries(const std::string& words, size_t axes, const std::string& where);
std::string boundary_words(const std::vector<Boundary>& boundary);

}  // namespace msde
