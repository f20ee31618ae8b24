// Where a coarse cell lies, as inputs of a network.
#pragma once

#include <vector>

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// cos(pi k s) and sin(pi k s) for k = 1, 2, 4 .. up to half the cells of every axis that is not periodic, s in
// (0, 1) being the middle of the cell: from the whole axis down to a few cells. Float32 [cells, numbers], a row for
// every cell that carries unknowns (coarse_points.hpp); no numbers where every axis is periodic. ConfigError unless
// n_zeta divides the grid.
torch::Tensor cell_positions(const Grid& grid, const std::vector<int64_t>& n_zeta);

}  // namespace msde
