// Where it is decided whether a part of the model is computed in plain memory or by LibTorch: what these
// functions return, or nothing where there is no such path.
#pragma once

#include <optional>

#include "msde/kernels/rk4_path.hpp"
#include "msde/kernels/window_elbo.hpp"
#include "msde/model/exogenous.hpp"
#include "msde/model/multiscale.hpp"
#include "msde/sde/integrate.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// The drift in plain memory: float32 on the CPU, without modulations, a kernel for every term.
std::optional<FusedDrift> fused_drift(const MultiscaleModel& model);

// dz = drift dt from z0 [B, n_z] by RK4, differentiable: [B, T, n_z].
std::optional<torch::Tensor> fused_mean_path(const MultiscaleModel& model, const Exogenous& inputs,
                                             const torch::Tensor& z0, const TimeGrid& grid);

// Members from start [M, B, n_z] by SRA1, without gradients: [M, B, T, n_z]. Without `noise` the same steps of the
// drift alone.
std::optional<torch::Tensor> fused_member_paths(const MultiscaleModel& model, const Exogenous& inputs,
                                                const torch::Tensor& start, const TimeGrid& grid,
                                                uint64_t seed, bool noise = true);

// W consecutive snapshots of B trajectories with their noise, float32; weight of what is not the likelihood.
struct FusedWindows {
  torch::Tensor inputs, a;                      // [B, W, n] what the encoder reads, what is scored
  torch::Tensor off_norm2, t;                   // [B, W]
  torch::Tensor mu, f;                          // [B, n_mu], [B, W, n_f]
  torch::Tensor likelihood_noise, drift_noise;  // [B, W, n_z]
  double dt = 1, beta = 1;
  torch::Tensor times = {};  // [B, W] float64, from each window's first; undefined: every dt
  torch::Tensor seen = {};   // [B, W] by which share the likelihood counts each snapshot; undefined: 1
};
struct FusedElbo {
  torch::Tensor value;  // log-likelihood - beta (drift residual + KL), differentiable once
  WindowElboKernel::Terms terms;
};
// For models of the reduced preset with micro states and a constant dispersion that have a fused drift, where
// gradients are on.
std::optional<FusedElbo> fused_window_elbo(const MultiscaleModel& model, const Scales& scales,
                                           const FusedWindows& windows);

}  // namespace msde
