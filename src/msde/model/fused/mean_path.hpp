// The path of the mean dynamics as one differentiable operation, and the drift of many states.
#pragma once

#include "msde/kernels/rk4_path.hpp"
#include "msde/model/drift/drift.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// dz/dt = drift(z, outside(t)) from z0 [B, n_z] by RK4: [B, n_frames, n_z]. outside [B, 2 n_steps + 1,
// n_outside] at every half step. Differentiable, once, with respect to z0 and the parameters.
// lengths [B, n_steps] of the steps, undefined: steps.h.
torch::Tensor rk4_path(const FusedDrift& drift, const torch::Tensor& z0, const torch::Tensor& outside,
                       const PathSteps& steps, const torch::Tensor& lengths = {});

// drift(z, outside) of states z [.., B, n_z], outside [B, n_outside]: as z. Has no gradient.
torch::Tensor drift_values(const FusedDrift& drift, const torch::Tensor& z, const torch::Tensor& outside);

}  // namespace msde
