#include "msde/sde/unequal_steps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "msde/core/error.hpp"

namespace msde {

torch::Tensor UnequalSteps::at(double share) const {
  return times.narrow(1, 0, n_steps()) + share * lengths();
}

UnequalSteps unequal_steps(const torch::Tensor& frames,
                           const std::function<int64_t(double longest)>& substeps) {
  constexpr int64_t kMost = int64_t{1} << 28;  // of which the times are in memory
  const auto given = frames.to(torch::kDouble).contiguous();
  const int64_t B = given.size(0), K = given.size(1);
  const double* const at = given.data_ptr<double>();
  UnequalSteps steps = {{}, {0}};
  for (int64_t k = 0; k + 1 < K; ++k) {
    double longest = 0;
    for (int64_t b = 0; b < B; ++b) longest = std::max(longest, at[b * K + k + 1] - at[b * K + k]);
    const int64_t n = substeps(longest);
    if (n > kMost - steps.frame_ends.back())
      throw ConfigError(
          fmt::format("time grid: got {} steps of the integrator to frame {}, expected at most {} in all", n,
                      k + 1, kMost));
    steps.frame_ends.push_back(steps.frame_ends.back() + n);
  }
  steps.times = torch::empty({B, steps.n_steps() + 1}, torch::kDouble);
  double* to = steps.times.data_ptr<double>();
  for (int64_t b = 0; b < B; ++b) {
    for (int64_t k = 0; k + 1 < K; ++k) {
      const double begin = at[b * K + k], length = at[b * K + k + 1] - begin;
      const auto first = steps.frame_ends[static_cast<size_t>(k)],
                 end = steps.frame_ends[static_cast<size_t>(k + 1)];
      for (int64_t i = first; i < end; ++i)
        *to++ = begin + length * (static_cast<double>(i - first) / static_cast<double>(end - first));
    }
    *to++ = at[b * K + K - 1];
  }
  return steps;
}

}  // namespace msde
