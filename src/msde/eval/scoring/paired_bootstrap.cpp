#include "msde/eval/scoring/paired_bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "msde/core/error.hpp"
#include "msde/core/random/random.hpp"

namespace msde {
namespace {

// The 97.5 % quantile of Student's t, of one degree of freedom and more; beyond the table its expansion about the normal's
// (Abramowitz & Stegun, Handbook of Mathematical Functions, 1964, 26.7.5), right to .0021.
double t_quantile(int64_t degrees) {
  constexpr double kTable[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};
  if (degrees <= 10) return kTable[degrees - 1];
  constexpr double z = 1.959964;
  const auto v = static_cast<double>(degrees);
  return z + (z * z * z + z) / (4 * v) + (5 * std::pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * v * v);
}

// By what percentile intervals of means of n values are too narrow.
double widening(int64_t n) {
  const auto count = static_cast<double>(n);
  return std::sqrt(count / (count - 1)) * t_quantile(n - 1) / 1.959964;
}

}  // namespace

Difference paired_bootstrap(const std::vector<double>& a, const std::vector<double>& b, int64_t block,
                            uint64_t seed) {
  constexpr int64_t kResamples = 4000;
  if (a.size() != b.size() || a.empty())
    throw DataError("paired bootstrap: got " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
                    " errors, expected one of each per trajectory");
  std::vector<double> difference;
  for (size_t i = 0; i < a.size(); ++i)
    if (!std::isnan(a[i] - b[i])) difference.push_back(a[i] - b[i]);
  const auto N = static_cast<int64_t>(difference.size());
  Difference result;
  for (const double d : difference) result.mean += d / static_cast<double>(N);
  if (N == 0) result.mean = std::numeric_limits<double>::quiet_NaN();
  if (N < 2 * block || !std::isfinite(result.mean)) {
    result.low = -std::numeric_limits<double>::infinity(),
    result.high = std::numeric_limits<double>::infinity();
    return result;
  }
  std::vector<double> means(kResamples, 0.);
  for (int64_t k = 0; k < kResamples; ++k)
    for (int64_t i = 0; i < N; ++i) {
      const int64_t first = uniform_integer({seed, Stream::resample, static_cast<uint64_t>(k)},
                                            static_cast<uint64_t>(i / block), 0, N - 1);
      means[k] += difference[(first + i % block) % N] / static_cast<double>(N);
    }
  std::sort(means.begin(), means.end());
  const double wider = widening(N / block);
  result.low = result.mean - wider * (result.mean - means[kResamples / 40]);
  result.high = result.mean + wider * (means[kResamples - 1 - kResamples / 40] - result.mean);
  return result;
}

}  // namespace msde
