// Orthonormal columns on the points that count.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// The Q of a QR of columns [n_y, m] that are 0 where there is no fluid, as it stays: [n_y, min(m, n_fluid)].
// On a grid with symmetries columns are symmetric, and so is Q, exactly: [n_y, min(m, invariant_size)].
torch::Tensor orthonormal_on_fluid(const torch::Tensor& columns, const Grid& grid);

}  // namespace msde
