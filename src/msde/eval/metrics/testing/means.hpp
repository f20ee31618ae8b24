// Scores of whole tensors as one number each, against which tests hold what is summed block by block.
#pragma once

#include "msde/core/random/random.hpp"
#include "msde/eval/metrics/metrics.hpp"
#include "msde/eval/metrics/pointwise_metrics.hpp"

namespace msde {

inline MeanStd rel_l2(const torch::Tensor& prediction, const torch::Tensor& truth) {
  return mean_std(rel_l2_per_frame(prediction, truth));
}
inline double rmse(const torch::Tensor& prediction, const torch::Tensor& truth) {
  return mse_per_field(prediction, truth).sqrt().mean().item<double>();
}
inline double vrmse(const torch::Tensor& prediction, const torch::Tensor& truth, const Divisor& by = {}) {
  return vrmse_per_field(prediction, truth, by).mean().item<double>();
}
inline double nrmse_well(const torch::Tensor& prediction, const torch::Tensor& truth,
                         const Divisor& by = {}) {
  return nrmse_per_field(prediction, truth, by).mean().item<double>();
}
inline double energy_score(const torch::Tensor& members, const torch::Tensor& truth) {
  return energy_score_per_frame(members, truth).mean().item<double>();
}
inline SpreadSkill spread_skill(const torch::Tensor& members, const torch::Tensor& truth) {
  const auto parts = spread_skill_per_frame(members, truth).flatten(0, 1).mean(0);
  return {parts[0].item<double>(), parts[1].item<double>(), members.size(0)};
}
inline double ssr_adjusted(const torch::Tensor& members, const torch::Tensor& truth) {
  return spread_skill(members, truth).ssr_adjusted();
}
inline torch::Tensor rank_histogram(const torch::Tensor& members, const torch::Tensor& truth,
                                    uint64_t seed = 0) {
  std::vector<uint64_t> seeds;
  for (int64_t f = 0; f < truth.size(0) * truth.size(1); ++f) seeds.push_back(seed_of_part(seed, f));
  return ranks_per_frame(members, truth, seeds).flatten(0, 1).sum(0);
}
inline double coverage(const torch::Tensor& members, const torch::Tensor& truth, double level) {
  return coverage_of_ranks(rank_histogram(members, truth), level);
}

}  // namespace msde
