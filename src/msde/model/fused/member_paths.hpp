// The members of an ensemble as one operation.
#pragma once

#include "msde/kernels/sra1_path.hpp"
#include "msde/model/drift/drift.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// What a path sees on its way, float32: at the beginning of every step, and at its end or three quarters.
struct MemberSteps {
  PathSteps steps;
  torch::Tensor outside;     // [B, 2 n_steps, n_outside] at t and t + 3/4 h of each step in turn
  torch::Tensor dispersion;  // [B, n_steps + 1, n_z] diagonal of L(t)
  int64_t noise_bytes = int64_t{16} << 20;  // of the increments drawn at a time
  uint64_t seed = 0;                        // of keyed_brownian_path
  torch::Tensor lengths = {};               // [B, n_steps] of the steps; undefined: steps.h
};

// dz = drift dt + L dW from z0 [M, B, n_z] by SRA1: [M, B, n_frames, n_z]. The same numbers as
// integrate(Scheme::srk, ..) with keyed_brownian_path(seed, ..), to rounding.
torch::Tensor member_paths(const FusedDrift& drift, const torch::Tensor& z0, const MemberSteps& steps);

// The times, from 0, at which `outside` and `dispersion` are wanted, float64.
torch::Tensor drift_times(const PathSteps& steps);
torch::Tensor step_times(const PathSteps& steps);

}  // namespace msde
