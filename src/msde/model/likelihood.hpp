// The product-of-experts likelihood (docs/method.md section 3).
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

// Diagonal variances of the two experts, in the model's coordinates [n] or one for all [1].
struct ExpertVariances {
  torch::Tensor macro;  // Sigma_zeta
  torch::Tensor micro;  // Sigma_eta; undefined: no micro expert (n_eta = 0)

  torch::Tensor precision() const;  // P = Sigma_zeta^-1 + Sigma_eta^-1
  torch::Tensor gate() const;       // P^-1 Sigma_eta^-1 = Sigma_zeta / (Sigma_zeta + Sigma_eta)
};

// The five terms of log p(y | zeta, eta), each [..] in nats, reported separately.
struct LikelihoodTerms {
  torch::Tensor macro_residual;     // -1/2 |y - D_zeta|^2_P
  torch::Tensor micro_correlation;  // (y - D_zeta)^T Sigma_eta^-1 D_eta
  torch::Tensor micro_norm;         // -1/2 |D_eta|^2_Lambda,  Lambda = Sigma_eta^-1 P^-1 Sigma_eta^-1
  torch::Tensor log_determinant;    // 1/2 log |P|
  torch::Tensor constant;           // -n_y/2 log(2 pi)

  torch::Tensor total() const {
    return macro_residual + micro_correlation + micro_norm + log_determinant + constant;
  }
};

struct Reconstruction {
  torch::Tensor macro;  // D_zeta(zeta) [.., n]
  torch::Tensor micro;  // D_eta(eta, zeta) [.., n]; undefined when n_eta = 0
};

// Of y with coordinates a [.., n] and squared norm off_norm2 [..] outside their span (zero on the fine grid):
// |y - D_zeta|^2 = |a - D_zeta|^2 + off_norm2. Where off_norm2 is in use the variances must be one for all.
// `n_y` is the number of fine values that are fluid; a precision per value is 1 where there is none, so that its
// logarithm counts nothing.
LikelihoodTerms log_likelihood(const torch::Tensor& a, const torch::Tensor& off_norm2,
                               const Reconstruction& d, const ExpertVariances& variances, int64_t n_y);

}  // namespace msde
