// Neighbourhoods on the coarse grid.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/kernels/cells.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Index of the neighbours of every coarse cell by relative offset, offsets -radius..radius per axis in C
// order, with the grid's boundary rule: periodic axes wrap, others repeat the cell at the edge. [cells, C *
// taps] int64 into the flattened zeta [C * cells], channel by channel. Cells are those that carry unknowns
// (coarse_points.hpp). A neighbour that carries none is replaced by the one of the stencil nearest to it. (The published code sorts neighbours
// by flat index, which scrambles most stencils of a two-dimensional grid.)
torch::Tensor stencil_index(const std::vector<int64_t>& coarse, const Grid& grid, int64_t radius);

// A network of those neighbours, of eta and of `n_shared` more numbers, in plain memory.
CellsKernel kernel_at_cells(const MlpKernel& net, const torch::Tensor& stencil, int64_t n_zeta, int64_t n_eta,
                            int64_t n_shared = 0);

}  // namespace msde
