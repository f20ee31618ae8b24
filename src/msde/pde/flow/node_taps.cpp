#include "msde/pde/flow/node_taps.hpp"

#include <algorithm>
#include <cmath>

namespace msde {
namespace {

// Brings an index into the line; `sign` takes that of the mirror.
int64_t folded(const ValueLine& line, int64_t index, double& sign) {
  const bool low = index < 0;
  if (!low && index < line.size) return index;
  const LineEnd& end = low ? line.low : line.high;
  const int64_t last = line.size - 1;
  if (end.kind == LineEnd::Kind::constant) return low ? 0 : last;
  sign *= end.sign;
  const int64_t step = end.kind == LineEnd::Kind::between ? 1 : 0;
  return std::clamp<int64_t>(low ? -index - step : 2 * last + step - index, 0, last);
}

}  // namespace

std::vector<Taps> cubic_taps(const ValueLine& line, double first, double spacing, int64_t count) {
  std::vector<Taps> taps;
  for (int64_t k = 0; k < count; ++k) {
    const double place = first + spacing * static_cast<double>(k);
    // A place that is a value up to rounding takes that value alone.
    const double below = std::floor(place + 1e-9), s = std::max(0., place - below);
    const std::array<double, 4> weight = {-s * (1 - s) * (2 - s) / 6, (1 + s) * (1 - s) * (2 - s) / 2,
                                          s * (1 + s) * (2 - s) / 2, -s * (1 + s) * (1 - s) / 6};
    Taps t;
    for (size_t a = 0; a < 4; ++a) {
      double sign = 1;
      t.index[a] = folded(line, static_cast<int64_t>(below) - 1 + static_cast<int64_t>(a), sign);
      t.weight[a] = sign * weight[a];
    }
    taps.push_back(t);
  }
  return taps;
}

}  // namespace msde
