// Whether one forecaster is better than another on the same trajectories, or whether these are too few to
// tell.
#pragma once

#include <cstdint>
#include <vector>

namespace msde {

struct Difference {
  double mean = 0;           // of a - b over trajectories
  double low = 0, high = 0;  // 95 % interval
  bool separable() const { return low > 0 || high < 0; }
};

// Errors a, b of the same N trajectories; trajectories are resampled with replacement, both errors together,
// 4000 times, keyed by the seed (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13: percentile
// interval), and what the interval of n = N / block reaches to both sides of the mean is multiplied by
// sqrt(n / (n - 1)) t(n - 1) / z, the quantiles of Student's t and of the normal: of few values percentiles are too narrow
// (Hesterberg, The American Statistician 69 (2015), section 3). Pairs without a difference (NaN) are left out; an infinite one
// leaves nothing to separate. Where `block` trajectories in turn overlap in time, blocks of so many neighbours are resampled
// together, the last one's neighbour being the first (Politis & Romano, A Circular Block-Resampling Procedure for
// Stationary Data, 1992). With less than two blocks nothing can be separated. DataError if the lengths differ or are 0.
Difference paired_bootstrap(const std::vector<double>& a, const std::vector<double>& b, int64_t block = 1,
                            uint64_t seed = 0);

}  // namespace msde
