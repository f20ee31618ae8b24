#include "msde/pde/flow/shedding.hpp"

#include <algorithm>
#include <cmath>

namespace msde {
namespace {

// The top of the parabola through the largest of samples first .. last - 1 and its neighbours.
double highest(const std::vector<double>& f, size_t first, size_t last, double sign) {
  size_t top = first;
  for (size_t i = first; i < last; ++i)
    if (sign * f[i] > sign * f[top]) top = i;
  if (top == 0 || top + 1 >= f.size()) return f[top];
  const double slope = (f[top + 1] - f[top - 1]) / 2, bend = f[top + 1] - 2 * f[top] + f[top - 1];
  return bend == 0 ? f[top] : f[top] - slope * slope / (2 * bend);
}

}  // namespace

Shedding shedding(const Forces& forces, double begin, double end) {
  const auto& lift = forces.lift;
  const auto first = static_cast<size_t>(std::ceil(begin / forces.spacing - 1e-9));
  const auto last = std::min(lift.size(), static_cast<size_t>(std::floor(end / forces.spacing + 1e-9)) + 1);
  std::vector<double> zeros;  // in samples
  for (size_t i = first; i + 1 < last; ++i)
    if (lift[i] < 0 && lift[i + 1] >= 0)
      zeros.push_back(static_cast<double>(i) + lift[i] / (lift[i] - lift[i + 1]));
  Shedding s;
  if (zeros.size() < 2) return s;
  s.periods = static_cast<int>(zeros.size()) - 1;
  s.frequency = s.periods / ((zeros.back() - zeros.front()) * forces.spacing);
  for (size_t p = 0; p + 1 < zeros.size(); ++p) {
    const auto a = static_cast<size_t>(zeros[p]), b = static_cast<size_t>(zeros[p + 1]) + 1;
    const double peak = highest(lift, a, b, 1);
    s.lift += (peak - highest(lift, a, b, -1)) / 2 / s.periods;
    if (p == 0) s.first_peak = peak;
    s.last_peak = peak;
  }
  const auto a = static_cast<size_t>(std::round(zeros.front())),
             b = static_cast<size_t>(std::round(zeros.back()));
  for (size_t i = a; i < b; ++i) s.mean_drag += forces.drag[i] / static_cast<double>(b - a);
  return s;
}

}  // namespace msde
