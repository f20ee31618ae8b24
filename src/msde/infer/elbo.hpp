// The evidence lower bound without a forward solver (docs/method.md section 6).
#pragma once

#include "msde/model/multiscale.hpp"
#include "msde/tensor/ranks/share.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// W consecutive snapshots of B trajectories.
struct WindowBatch {
  torch::Tensor inputs;     // [B, W, n] what the encoder reads
  torch::Tensor a;          // [B, W, n] what the likelihood scores
  torch::Tensor off_norm2;  // [B, W]
  torch::Tensor t;          // [B, W]
  torch::Tensor mu;         // [B, n_mu]
  torch::Tensor f;          // [B, W, n_f]
  double dt = 1;
  torch::Tensor times = {};  // [B, W] float64, from each window's first; undefined: every dt
  torch::Tensor seen = {};   // [B, W] by which share the likelihood counts each snapshot; undefined: 1
  WindowBatch cut(const Share& rows) const;
};

// Standard normal draws [B, W, n_z], noise as a value: for the likelihood and for the drift residual.
struct ElboNoise {
  torch::Tensor likelihood, drift;
  ElboNoise cut(const Share& rows) const { return {rows.cut(likelihood), rows.cut(drift)}; }
};

// Every term in nats per window, averaged over the batch, unscaled.
struct ElboTerms {
  LikelihoodTerms likelihood;    // sums over the window
  torch::Tensor drift_residual;  // 1/2 int E |A(m - z) + m' - f|^2_{(L L^T)^-1} dt  >= 0
  torch::Tensor kl_initial;      // KL(q(z_0) | p(z_0)) >= 0
  torch::Tensor value(double beta = 1) const {
    return likelihood.total() - beta * (drift_residual + kl_initial);
  }
};

// Marginals of the approximate posterior on the nodes of a window, [.., W, d] each.
struct Marginals {
  torch::Tensor mean, var, dmean, dlogvar;
};

// sum over the W nodes of weight_i 1/2 sum_j r_j^2 / L_j^2,
//   r = A (m - z) + m' - f,  A = (L^2 / S - (log S)') / 2:
// [..] for marginals [.., W, d], samples z and drift values f of that shape, dispersion L [d] or [.., W, d]. Equally
// spaced nodes have the weight duration / W, others those of node_weights (model/posterior.hpp), [.., W].
torch::Tensor drift_residual_integral(const Marginals& q, const torch::Tensor& z, const torch::Tensor& drift,
                                      const torch::Tensor& dispersion, double duration);
torch::Tensor drift_residual_integral(const Marginals& q, const torch::Tensor& z, const torch::Tensor& drift,
                                      const torch::Tensor& dispersion, const torch::Tensor& weights);

// KL(N(m, S) | N(mean, var)) summed over the last axis.
torch::Tensor gaussian_kl(const torch::Tensor& m, const torch::Tensor& S, const torch::Tensor& mean,
                          const torch::Tensor& var);

ElboTerms elbo(MultiscaleModel& model, const WindowBatch& batch, const ElboNoise& noise);
// The same with the scales at the current parameters, where they are known.
ElboTerms elbo(MultiscaleModel& model, const WindowBatch& batch, const ElboNoise& noise,
               const Scales& scales);

// For training: value = elbo().value(beta), differentiable once, and the terms for the log. One operation,
// whose terms have no gradients, where there is one (model/fused/choose.hpp); by elbo() otherwise.
struct WeightedElbo {
  torch::Tensor value;
  ElboTerms terms;
};
WeightedElbo weighted_elbo(MultiscaleModel& model, const WindowBatch& batch, const ElboNoise& noise,
                           double beta);

}  // namespace msde
