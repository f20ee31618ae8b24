// Gaussian smoothing along one axis of a grid, as a matrix.
#pragma once

#include <torch/torch.h>

#include "msde/field/grid.hpp"

namespace msde {

// G [n, n] float64 with  (G u)_i = sum_j k(i - j) u_j,  k a Gaussian of standard deviation `width` (fine
// cells) cut at `reach` cells. Periodic axes wrap; elsewhere the cut kernel is scaled so that constants stay
// constants.
torch::Tensor axis_smoothing(int64_t n, double width, int64_t reach, Boundary boundary);

}  // namespace msde
