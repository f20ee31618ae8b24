#include "msde/field/time_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "msde/core/error.hpp"

namespace msde {

double time_tolerance(double largest_time) {
  // The distance of neighbouring float32 values at largest_time.
  const auto value = static_cast<float>(std::abs(largest_time));
  const double ulp = std::nextafter(value, std::numeric_limits<float>::infinity()) - value;
  return 8 * ulp;
}

double equal_spacing(const std::vector<double>& times, int64_t N, const std::string& where) {
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
  const double dt = (t(0, T - 1) - t(0, 0)) / static_cast<double>(T - 1);
  const double tolerance = time_tolerance(largest);
  for (int64_t n = 0; n < N; ++n) {
    for (int64_t i = 1; i < T; ++i) {
      const double spacing = t(n, i) - t(n, i - 1);
      if (spacing <= 0) {
        throw DataError(place(n, i) +
                        fmt::format("got time {} after {}, expected increasing times", t(n, i), t(n, i - 1)));
      }
      if (std::abs(spacing - dt) > tolerance) {
        throw DataError(
            place(n, i) +
            fmt::format("got a spacing of {:.9g} in time, expected {:.9g} +- {:.1g} as elsewhere; "
                        "resample to equal spacing",
                        spacing, dt, tolerance));
      }
    }
  }
  return dt;
}

void round_to_float(std::vector<double>& times) {
  for (double& t : times) t = static_cast<float>(t);
}

}  // namespace msde
