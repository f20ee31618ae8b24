// Scores of single fields: per (b, t, c) over the grid points s, [B, T, C, *grid] -> [B, T, C] float64.
// y is the truth, p the prediction. A score that the truth does not allow is NaN, read as "undefined" and
// left out of means: what is near-constant in space has no correlation and nothing to divide by
// (per_field.hpp). Errors: DataError if the shapes do not agree. Formulas with ids and sources:
// metric_table.cpp.
#pragma once

#include "msde/eval/metrics/per_field.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// mean_s (p - y)^2; differences and squares are of the fields' own type here and in what is made of it.
torch::Tensor mse_per_field(const torch::Tensor& prediction, const torch::Tensor& truth);
torch::Tensor mae_per_field(const torch::Tensor& prediction, const torch::Tensor& truth);   // mean_s |p - y|
torch::Tensor linf_per_field(const torch::Tensor& prediction, const torch::Tensor& truth);  // max_s |p - y|

// sqrt(mse / (var_s y + eps)) with the unbiased variance; sqrt(mse / (mean_s y^2 + eps)).
torch::Tensor vrmse_per_field(const torch::Tensor& prediction, const torch::Tensor& truth,
                              const Divisor& by = {});
torch::Tensor nrmse_per_field(const torch::Tensor& prediction, const torch::Tensor& truth,
                              const Divisor& by = {});

// cov_s(p, y) / (std_s p std_s y), one divisor for all three, no eps; 0 where p is constant and y is not.
torch::Tensor pearson_r_per_field(const torch::Tensor& prediction, const torch::Tensor& truth,
                                  const Divisor& by = {});

// 1 while the forecast is valid, 0 where pearson_r < 0.8 or vrmse > 1 (an undefined one of the two decides
// nothing), NaN where both are undefined.
torch::Tensor valid_per_field(const torch::Tensor& prediction, const torch::Tensor& truth,
                              const Divisor& by = {});

// |mean_s q(t) - mean_s q(first)|: how far the integral of a field has drifted, per volume.
// first [B, 1, C, *grid].
torch::Tensor drift_per_field(const torch::Tensor& fields, const torch::Tensor& first);

// Per (b, t), [B, T]: rel_l2_per_frame of metrics.hpp, undefined where the truth is zero everywhere.
torch::Tensor rel_l2_where_defined(const torch::Tensor& prediction, const torch::Tensor& truth);

// Of a predictive mean and standard deviation, per value (Gneiting & Raftery, JASA 2007, eqs. 5.5 and 5.6):
//   crps  sigma (w (2 Phi(w) - 1) + 2 phi(w) - 1/sqrt(pi)), w = (y - mean)/sigma; |y - mean| where sigma = 0
//   nll   log(2 pi sigma^2)/2 + w^2/2; points of sigma = 0 are left out
torch::Tensor gaussian_crps_per_field(const torch::Tensor& mean, const torch::Tensor& sigma,
                                      const torch::Tensor& truth);
torch::Tensor gaussian_nll_per_field(const torch::Tensor& mean, const torch::Tensor& sigma,
                                     const torch::Tensor& truth);

}  // namespace msde
