// What is known of a snapshot's coordinates before it is seen, as a mixture of Gaussians over the times of training.
#pragma once

#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// a ~ mean over k of N(m_k, C_k), observed as y = a + e, e ~ N(0, s^2 1):
//   E[a | y] = sum_k r_k (m_k + C_k (C_k + s^2 1)^-1 (y - m_k)),   r_k ~ N(y; m_k, C_k + s^2 1), sum_k r_k = 1.
struct SnapshotMixture {
  torch::Tensor mean;       // m [K, n]
  torch::Tensor gain;       // C (C + s^2)^-1 [K, n, n]
  torch::Tensor whitening;  // M [K, n, n] with M^T M = (C + s^2)^-1
  torch::Tensor log_scale;  // [K] log |M|

  torch::Tensor expectation(const torch::Tensor& y) const;  // [B, n] -> [B, n]
};

// Of the moments of each part, float64: rows [m, n] of each, its covariance times `widening`, which rows of few trajectories need, and s > 0.
SnapshotMixture learn_mixture(const std::vector<torch::Tensor>& parts, double widening, double noise_std);

}  // namespace msde
