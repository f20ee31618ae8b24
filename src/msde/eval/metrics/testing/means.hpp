// Scores of whole tensors as one number each, against which tests hold what is summed block by block.
#pragma once

#include "msde/eval/metrics/metrics.hpp"
#include "msde/eval/metrics/pointwise_metrics.hpp"

namespace msde {

inline MeanStd rel_l2(const torch::Tensor& prediction, const torch::Tensor& truth) {
  return mean_std(rel_l2_per_frame(prediction, truth));
}
inline double rmse(const torch::Tensor& prediction, const torch::Tensor& truth) {
  return mse_per_field(prediction, truth).sqrt().mean().item<double>();
}
inline double vrmse(const torch::Tensor& prediction, const torch::Tensor& truth, double eps = default_eps) {
  return vrmse_per_field(prediction, truth, eps).mean().item<double>();
}
inline double nrmse_well(const torch::Tensor& prediction, const torch::Tensor& truth,
                         double eps = default_eps) {
  return nrmse_per_field(prediction, truth, eps).mean().item<double>();
}
inline double ssr_adjusted(const torch::Tensor& members, const torch::Tensor& truth) {
  return spread_skill(members, truth).ssr_adjusted();
}
inline double coverage(const torch::Tensor& members, const torch::Tensor& truth, double level) {
  return coverage_of_ranks(rank_histogram(members, truth), level);
}

}  // namespace msde
