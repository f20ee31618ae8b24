#include "msde/field/time_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "msde/core/error.hpp"

namespace msde {

namespace {

constexpr double kMost = 1e-2, kMeasured = 1e-3;  // of the spacing

}  // namespace

bool are_far_from(double begin, double end, double trained_begin, double trained_end) {
  const double length = trained_end - trained_begin;
  return begin > trained_end + length || end < trained_begin - length;
}

bool same_since_first(const std::vector<double>& times, int64_t n_trajectories) {
  const size_t N = static_cast<size_t>(n_trajectories), T = times.size() / N;
  double largest = 0;
  for (const double time : times) largest = std::max(largest, std::abs(time));
  for (size_t n = 1; n < N; ++n)
    for (size_t k = 1; k < T; ++k)
      if (std::abs((times[n * T + k] - times[n * T]) - (times[k] - times[0])) >
          4 * rounding(largest, Stored::float64))
        return false;
  return true;
}

double rounding(double largest, Stored stored) {
  if (stored == Stored::float64)
    return std::nextafter(largest, std::numeric_limits<double>::infinity()) - largest;
  const auto value = static_cast<float>(largest);
  return static_cast<double>(std::nextafter(value, std::numeric_limits<float>::infinity())) -
         static_cast<double>(value);
}

double spacing_tolerance(double largest, double spacing, Stored stored) {
  const double least = stored == Stored::float64 ? kMeasured * spacing : 0;
  return std::min(std::max(8 * rounding(largest, stored), least), kMost * spacing);
}

void require_resolved(double largest, double spacing, const std::string& where, Stored stored) {
  if (rounding(largest, stored) <= kMost * spacing) return;
  throw DataError(fmt::format(
      "{}: {} near {:.9g} are {:.2g} apart, too coarse for a spacing of {:.6g}; store float64, or count from "
      "a nearer origin",
      where, stored == Stored::float64 ? "float64 values" : "float32 values", largest,
      rounding(largest, stored), spacing));
}

Spacing spacing_of(const std::vector<double>& times, int64_t N, const std::string& where, Stored stored) {
  const int64_t T = static_cast<int64_t>(times.size()) / N;
  const auto t = [&](int64_t n, int64_t i) { return times[n * T + i]; };
  const auto place = [&](int64_t n, int64_t i) {
    return fmt::format("{}: trajectory {}, snapshot {}: ", where, n, i);
  };

  double largest = 0;
  for (int64_t n = 0; n < N; ++n) {
    for (int64_t i = 0; i < T; ++i) {
      if (!std::isfinite(t(n, i)))
        throw DataError(place(n, i) + fmt::format("got time {}, expected a finite number", t(n, i)));
      largest = std::max(largest, std::abs(t(n, i)));
    }
  }
  const double steps = static_cast<double>(T - 1), dt = (t(0, T - 1) - t(0, 0)) / steps;
  const double tolerance = spacing_tolerance(largest, dt, stored);
  if (dt > 0) require_resolved(largest, dt, where, stored);
  constexpr double kNone = std::numeric_limits<double>::infinity();
  Spacing found = {true, dt, kNone, 0};
  double lengths = 0;
  for (int64_t n = 0; n < N; ++n) {
    lengths += t(n, T - 1) - t(n, 0);
    for (int64_t i = 1; i < T; ++i) {
      const double spacing = t(n, i) - t(n, i - 1);
      if (spacing <= 0) {
        throw DataError(place(n, i) +
                        fmt::format("got time {} after {}, expected increasing times", t(n, i), t(n, i - 1)));
      }
      found.equal = found.equal && std::abs(spacing - dt) <= tolerance;
      found.least = std::min(found.least, spacing), found.most = std::max(found.most, spacing);
    }
  }
  if (!found.equal) found.mean = lengths / (steps * static_cast<double>(N));
  return found;
}

}  // namespace msde
