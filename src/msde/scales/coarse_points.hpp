// The grid of the macroscale: which fine points it keeps.
#pragma once

#include <vector>

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// ConfigError, with a proposal that fits, unless n_zeta has one number per axis and divides the grid into cells of two
// or more points. `crop` is how the grid was cut out of a larger one.
void check_coarse_grid(const Grid& grid, const std::vector<int64_t>& n_zeta,
                       const std::vector<AxisRange>& crop = {});

// The first fine point of an axis that the restriction keeps, of sigma to a cell: periodic axes keep 0,
// sigma, 2 sigma, ..; others the middles of the cells, away from the boundary.
int64_t first_coarse_point(const AxisEnds& ends, int64_t sigma);

// Of every cell the first, in C order, of those that the symmetries of the grid map onto each other, the first with enough
// fluid where one has, int64 [cells].
torch::Tensor alike_cells(const Grid& grid, const std::vector<int64_t>& n_zeta);

// Cells of the coarse grid, by their numbers in C order, int64 [K], that carry unknowns: all but those of which less than
// a tenth is fluid, and those that alike_cells names by another. The cells of a periodic axis lie about their coarse points.
// ConfigError unless n_zeta divides the grid and fits its symmetries, and where no cell is left.
torch::Tensor carried_cells(const Grid& grid, const std::vector<int64_t>& n_zeta);

// Rows of the flattened fine grid that the restriction keeps, the coarse points of those cells, [C * K] int64, channel by
// channel. One that is no fluid stands for the fluid of its cell. ConfigError as above.
torch::Tensor restricted_points(const Grid& grid, const std::vector<int64_t>& n_zeta);

}  // namespace msde
