// The members of an ensemble as one operation: stochastic Runge-Kutta, block by block of states.
#pragma once

#include "msde/model/fused/mean_path.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// What a path sees on its way, float32: at the beginning of every step, and at its end or three quarters.
struct MemberSteps {
  double h = 1;              // of a step
  int64_t n_frames = 1;      // states returned, the first one included
  int64_t substeps = 1;      // steps per frame
  torch::Tensor outside;     // [B, 2 n_steps, n_outside] at t and t + 3/4 h of each step in turn
  torch::Tensor dispersion;  // [B, n_steps + 1, n_z] diagonal of L(t)
  int64_t noise_bytes = int64_t{16} << 20;  // of the increments drawn at a time
  uint64_t seed = 0;                        // of keyed_brownian_path
  int64_t n_steps() const { return (n_frames - 1) * substeps; }
};

// dz = drift dt + L dW from z0 [M, B, n_z] by SRA1 (sde/schemes.cpp): [M, B, n_frames, n_z]. The same numbers
// as integrate(Scheme::srk, ..) with keyed_brownian_path(seed, ..), to rounding.
torch::Tensor member_paths(const DriftNetworks& drift, const torch::Tensor& z0, const MemberSteps& steps);

// The times, from 0, at which `outside` and `dispersion` are wanted, float64.
torch::Tensor drift_times(const MemberSteps& steps);
torch::Tensor step_times(const MemberSteps& steps);

}  // namespace msde
