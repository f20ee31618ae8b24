// Patterns without their shortest waves, which derivatives would make the largest.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Columns [n_y, m] float64, of which every axis keeps waves up to `share` of the grid's largest wavenumber pi / h: along
// periodic axes X_k -> exp(-(k / k_c)^8 log 2) X_k, half of it at k_c = share pi / h; along others the u that minimises
// |u - x|^2 + (2 sin(share pi / 2))^-6 |D u|^2, D third differences, which leaves parabolas alone, so that nothing bends towards an end.
torch::Tensor smooth_patterns(const torch::Tensor& columns, const Grid& grid, double share);

}  // namespace msde
