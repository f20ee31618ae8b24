// What the terms of a drift are told of it.
#pragma once

#include <cstdint>

#include "msde/tensor/torch.hpp"

namespace msde {

// `rate`, `stencil` and `positions` are buffers of the drift, which move with it.
struct DriftSizes {
  int64_t n_zeta = 1, n_eta = 0, n_mu = 0, n_f = 0;
  bool micro_time = false;  // whether the outside begins with the time
  torch::Tensor rate;       // [1] typical rate of change of zeta, per unit of time
  torch::Tensor stencil;    // [cells, C * taps] index of each input in zeta [C * cells]
  torch::Tensor positions;  // [cells, numbers] cell_positions; undefined where model.position is off
  int64_t n_factors = 0;    // numbers at the end of the outside that the prior alone sees
  int64_t n_outside() const { return (micro_time ? 1 : 0) + n_mu + n_f + n_factors; }
};

}  // namespace msde
