// Numbers of a file that a model can work with: it is float32, and squares and quotients of them must be, too.
#pragma once

#include <string>

#include "msde/field/formats/field_source.hpp"

namespace msde {

// Lengths, spacings and dt, and sizes of coordinates, times and noise; other units bring any data into these.
constexpr double kLeastScale = 1e-30, kMostScale = 1e30;

// DataError naming the first number that is not finite or beyond these, with its place.
void check_plausible(const SourceFacts& facts, const std::string& path);

}  // namespace msde
