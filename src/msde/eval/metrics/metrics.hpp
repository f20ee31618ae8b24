// Accuracy and calibration as pure functions of tensors.
// Shapes: truth and prediction [B, T, C, *grid]; members [M, B, T, C, *grid]. Formula ids as in
// docs/metrics.md; in formulas y is the truth, p the prediction, x_i member i, s a grid point. Sums are made
// in float64. Errors: DataError if shapes do not agree or an ensemble has fewer members than a score needs.
#pragma once

#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

struct MeanStd {
  double mean = 0, std = 0;  // population standard deviation
};
MeanStd mean_std(const torch::Tensor& values);  // over all values

// sqrt(sum_{c,s} (p - y)^2 / sum_{c,s} y^2) per frame, [B, T] float64, NaN where y = 0.
torch::Tensor rel_l2_per_frame(const torch::Tensor& prediction, const torch::Tensor& truth);

// Continuous ranked probability score, mean over all values, fair: its expectation does not depend on M
// (Ferro, QJRMS 2014; Zamo & Naveau 2018). With x_(i) sorted:
//   mean_i |x_i - y| - sum_i (2i - M - 1) x_(i) / (M (M - 1));  M = 1 gives the mean absolute error.
torch::Tensor crps_fair_per_frame(const torch::Tensor& members, const torch::Tensor& truth);  // [B, T]
double crps_fair(const torch::Tensor& members, const torch::Tensor& truth);

// Fair energy score of whole fields, mean over (b, t) (Gneiting & Raftery 2007):
//   mean_i |x_i - y| - sum_{i<j} |x_i - x_j| / (M (M - 1)), Euclidean norms over (c, s).
torch::Tensor energy_score_per_frame(const torch::Tensor& members, const torch::Tensor& truth);  // [B, T]

// Means over all values of the ensemble variance (divisor M - 1) and of the squared error of the ensemble
// mean. Both are additive, so files larger than memory are scored by averaging them.
struct SpreadSkill {
  double variance = 0, squared_error = 0;
  int64_t members = 0;
  // sqrt((M + 1) / M) sqrt(variance) / sqrt(squared_error): 1 where the members and the truth are draws from
  // one distribution (Fortin et al., J. Hydrometeorology 2014). M >= 2.
  double ssr_adjusted() const;
};
// [B, T, 2]: variance, squared error.
torch::Tensor spread_skill_per_frame(const torch::Tensor& members, const torch::Tensor& truth);

// Counts [B, T, M + 1] int64 of r = #{x_i < y} + U{0..#{x_i = y}}. Ties of frame b T + t are broken by
// (seeds[b T + t], Stream::rank_ties) and the index of y in the frame: where members are clipped, or exact, the
// histogram stays flat.
torch::Tensor ranks_per_frame(const torch::Tensor& members, const torch::Tensor& truth,
                              const std::vector<uint64_t>& seeds);

// Fraction of truth inside the central interval that holds `level` of the M + 1 ranks: l ranks are left out
// at either end, l = (1 - level)(M + 1)/2 rounded, at least 1, that is x_(l) <= y <= x_(M+1-l). Expected
// value for a calibrated ensemble: (M + 1 - 2l)/(M + 1), which is `level` itself at 50, 80, 90, 95 % for M =
// 39, 79, 199.
double coverage_of_ranks(const torch::Tensor& rank_histogram, double level);
// l, of M + 1 ranks; ConfigError for a level not in (0, 1).
int64_t ranks_left_out(int64_t ranks, double level);

}  // namespace msde
