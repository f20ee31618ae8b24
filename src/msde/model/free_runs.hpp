// The latent SDE of a model and its paths: of the mean dynamics, and of an ensemble.
#pragma once

#include "msde/model/exogenous.hpp"
#include "msde/model/multiscale.hpp"
#include "msde/sde/integrate.hpp"

namespace msde {

// The latent SDE of `model`. Its clock starts at 0 for every trajectory; states are [.., B, n_z].
Sde latent_sde(MultiscaleModel model, const Exogenous& inputs);

// The mean dynamics dz = drift dt from z0 [B, n_z] by RK4: [B, T, n_z], z0 the first of T = n_outputs + 1.
// Differentiable, once.
torch::Tensor mean_path(MultiscaleModel& model, const Exogenous& inputs, const torch::Tensor& z0,
                        const TimeGrid& grid);
// Its plain twin: where gradients are on, an operation after the other. Also of models without a fused path (fused/choose.hpp).
torch::Tensor mean_path_by_steps(MultiscaleModel& model, const Exogenous& inputs, const torch::Tensor& z0,
                                 const TimeGrid& grid);

// Without gradients: members from start [M, B, n_z], driven by keyed_brownian_path(seed, ..): [M, B, T, n_z].
torch::Tensor ensemble_paths(MultiscaleModel& model, const Exogenous& inputs, const torch::Tensor& start,
                             const TimeGrid& grid, Scheme scheme, uint64_t seed);

}  // namespace msde
