// The amortised Gaussian-process posterior over a window (Course & Nair, arXiv 2312.10550; docs/method.md
// section 5).
#pragma once

#include <functional>

#include "msde/model/mlp.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Warped time tau(r) and its derivative tau'(r), both shaped as r.
struct WarpedTime {
  torch::Tensor tau, slope;
};
using Warp = std::function<WarpedTime(const torch::Tensor& r)>;

struct GpKernel {
  torch::Tensor length, amplitude, noise_var;  // scalars: ell, a, nu
  Warp warp;                                   // empty: tau(r) = r
};

// The two matrices that turn a window's encodings into q's mean (or log-variance) and its time derivative.
struct GpOperators {
  torch::Tensor value;       // [.., Q, W]  k(t, T) (K + nu I)^-1
  torch::Tensor derivative;  // [.., Q, W]  d/dt of the same, per unit of t, in closed form
};

// k(a, b) = amplitude exp(-(tau(a) - tau(b))^2 / (2 ell^2)), r in [-1, 1] over the window times T = t [.., W],
// queries t_query [.., Q]. Zero-mean form.
GpOperators gp_operators(const GpKernel& kernel, const torch::Tensor& t, const torch::Tensor& t_query);

// The same maps applied to deviations from the window's mean, which shrink towards that mean instead of zero:
// value' = 11^T/W + value (I - 11^T/W), derivative' = derivative (I - 11^T/W).
GpOperators about_window_mean(const GpOperators& zero_mean);

// Learned kernel shared by all windows, latent dimensions, mean and log-variance.
class PosteriorKernelImpl : public torch::nn::Module {
 public:
  explicit PosteriorKernelImpl(bool learned_warp);
  // `ell` is kept above the spacing of the window: softplus(raw) + 2/W.
  GpKernel kernel(int64_t window) const;
  // About the window's mean, at the window's own times, for W equally spaced snapshots dt apart: one pair of
  // [W, W] matrices serves every window of a batch.
  GpOperators operators(int64_t window, double dt) const;
  // The same of windows whose nodes are anywhere, `times` [B, W] from the first on: [B, W, W].
  GpOperators operators(const torch::Tensor& times) const;

 private:
  torch::Tensor length_raw_, amplitude_raw_, noise_raw_;
  Mlp warp_{nullptr};
};
TORCH_MODULE(PosteriorKernel);

// Weights [.., W] of the nodes t [.., W] of a window in the integral over its duration: as wide as what is nearer to a node
// than to others, the first and the last as wide on both sides, scaled to the duration. Equally spaced nodes count alike,
// (W - 1) dt / W each; exact for constants, else of first order in the spacing.
torch::Tensor node_weights(const torch::Tensor& times);

}  // namespace msde
