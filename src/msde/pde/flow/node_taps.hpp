// Cubic interpolation along one axis, between a staggered grid and the points of data.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace msde {

// How a line of values goes on beyond one of its ends: mirrored in its last value or half a spacing beyond
// it, with the same sign or the other, or constant.
struct LineEnd {
  enum class Kind { at_value, between, constant };
  Kind kind = Kind::constant;
  double sign = 1;
};

// Values of a line at 0, 1, .. size - 1.
struct ValueLine {
  int64_t size = 0;
  LineEnd low, high;
};

// One interpolated value: the sum of weight times value.
struct Taps {
  std::array<int64_t, 4> index;
  std::array<double, 4> weight;
};

// Lagrange's polynomial through the two values on either side, at first + spacing k, k = 0 .. count - 1.
std::vector<Taps> cubic_taps(const ValueLine& line, double first, double spacing, int64_t count);

}  // namespace msde
