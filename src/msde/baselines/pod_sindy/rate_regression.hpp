// The regression da/dt = library(a) C from sampled coordinates, as normal equations.
#pragma once

#include <vector>

#include "msde/baselines/pod_sindy/polynomials.hpp"
#include "msde/baselines/pod_sindy/stlsq.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// (a_{k+1} - a_k) / dt ~ library(a_k) C: sums over all rows, as published. Noise s becomes an error s sqrt(2)
// / dt.
NormalEquations forward_difference_regression(const std::vector<torch::Tensor>& series, double dt,
                                              const Polynomials& library);

// Weak form: both sides are averaged with the bump phi(s) = (1 - s^2)^3 over windows of 2 half_width + 1
// samples, the derivative by parts, -int phi' a dt = int phi library(a) dt; means over all windows. No
// difference of noisy numbers appears (Messenger & Bortz, SIAM Multiscale Model. Simul. 19 (2021)). Windows
// start max(1, half_width / 4) apart. half_width is cut so that a window fits into the series.
NormalEquations weak_regression(const std::vector<torch::Tensor>& series, double dt,
                                const Polynomials& library, int64_t half_width);

}  // namespace msde
