// What drives trajectories from outside.
#pragma once

#include "msde/model/drift/input_units.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Parameters mu [B, n_mu], forcing [B, K, n_f] given at start + k dt and linear in between, and the starting
// times start [B] of B trajectories, which may differ.
struct Exogenous {
  torch::Tensor mu, forcing, start;
  double dt = 1;
  torch::Tensor times = {};  // [B, K] float64, from the start: of the forcing, where it is not every dt
};

// At start + times [T], or [B, T], (float64): inputs [B, T, ..]. The forcing beyond its ends is that at the end.
DriftInputs inputs_at(const Exogenous& in, const torch::Tensor& times);

}  // namespace msde
