// How large the learned part of the drift is, beside a prior.
#pragma once

#include "msde/model/multiscale.hpp"

namespace msde {

// Mean square of the learned terms at up to 8 evenly spread times of z [B, K, n_z], per unit of time and of z; t [B, K], mu
// [B, n_mu], f [B, K, n_f]. Differentiable by their parameters alone.
torch::Tensor learned_drift_square(MultiscaleModel& model, const torch::Tensor& z, const torch::Tensor& t,
                                   const torch::Tensor& mu, const torch::Tensor& f);

}  // namespace msde
