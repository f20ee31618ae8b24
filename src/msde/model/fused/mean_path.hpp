// The drift of many states, and the path of the mean dynamics, as one operation each: RK4 and its adjoint,
// block by block of states.
#pragma once

#include <vector>

#include "msde/kernels/drift.hpp"
#include "msde/ops/mlp.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// A drift in plain memory.
struct DriftNetworks {
  DriftKernel rows;
  MlpParameters macro, micro;              // for gradients
  std::vector<torch::Tensor> memory = {};  // what `rows` points into, kept where parameters get another
};

struct PathSteps {
  double h = 1;          // of an RK4 step
  int64_t n_frames = 1;  // states returned, the first one included
  int64_t substeps = 1;  // RK4 steps per frame
  int64_t n_steps() const { return (n_frames - 1) * substeps; }
};

// dz/dt = drift(z, outside(t)) from z0 [B, n_z] by RK4: [B, n_frames, n_z]. outside [B, 2 n_steps + 1,
// n_outside] at every half step. Differentiable, once, with respect to z0 and the
// networks.
torch::Tensor rk4_path(const DriftNetworks& drift, const torch::Tensor& z0, const torch::Tensor& outside,
                       const PathSteps& steps);

// drift(z, outside) of states z [.., B, n_z], outside [B, n_outside]: as z. Has no gradient.
torch::Tensor drift_values(const DriftNetworks& drift, const torch::Tensor& z, const torch::Tensor& outside);

}  // namespace msde
