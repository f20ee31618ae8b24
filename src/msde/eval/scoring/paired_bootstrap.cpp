#include "msde/eval/scoring/paired_bootstrap.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "msde/core/error.hpp"
#include "msde/core/random/random.hpp"

namespace msde {

Difference paired_bootstrap(const std::vector<double>& a, const std::vector<double>& b, int64_t block,
                            uint64_t seed) {
  constexpr int64_t kResamples = 4000;
  const auto N = static_cast<int64_t>(a.size());
  if (a.size() != b.size() || N == 0)
    throw DataError("paired bootstrap: got " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
                    " errors, expected one of each per trajectory");
  std::vector<double> difference(a.size());
  Difference result;
  for (size_t i = 0; i < a.size(); ++i) {
    difference[i] = a[i] - b[i];
    result.mean += difference[i] / static_cast<double>(N);
  }
  if (N < 2 * block) {
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
  result.low = means[kResamples / 40];
  result.high = means[kResamples - 1 - kResamples / 40];
  return result;
}

}  // namespace msde
