// The latent SDE of a model and its paths: of the mean dynamics, and of an ensemble.
#pragma once

#include "msde/model/exogenous.hpp"
#include "msde/model/multiscale.hpp"
#include "msde/sde/integrate.hpp"

namespace msde {

// The latent SDE of `model`. Its clock starts at 0 for every trajectory; states are [.., B, n_z].
Sde latent_sde(MultiscaleModel model, const Exogenous& inputs);
// The same in steps of lengths h [B] of their own, time s running from 0 to 1 in each: dz = h f ds + sqrt(h) L dW.
SdeOfStep latent_sde(MultiscaleModel model, const Exogenous& inputs, const UnequalSteps& steps);

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

// What the members' integrator makes of the drift alone, less the point path `mean` [B, T, n_z] that RK4 makes of it:
// [B, T, n_z], 0 where it is not finite.
torch::Tensor integration_error(MultiscaleModel& model, const Exogenous& inputs, const torch::Tensor& mean,
                                const TimeGrid& grid, Scheme scheme);

// Members [M, B, T, n_z] less that error, which is not of the model: in full where they have not departed from the
// path that it is the error of, so that members without spread are the point path; not at all where they have by as
// much as zeta varies, which is 1 in its units, and the error of that path says nothing of theirs. In between by
// 1 - |departure|^2.
torch::Tensor without_error(const MultiscaleModel& model, const torch::Tensor& paths,
                            const torch::Tensor& mean, const torch::Tensor& error);

// A member leaves the region of training where an entry of its state is not finite, or ten times as far from the mean
// of training as the point path goes or a deviation of zeta is, whichever is more: nothing there was ever learned. From
// then on it stays in the last state before. paths [M, B, T, n_z]; left: int64 [B], how many do.
struct HeldMembers {
  torch::Tensor paths, left;
};
HeldMembers hold_members_that_leave(const torch::Tensor& paths, const torch::Tensor& mean);

}  // namespace msde
