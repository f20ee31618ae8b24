// Neighbourhoods on the coarse grid.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/kernels/cells.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Index of the neighbours of every coarse cell by relative offset, offsets -radius..radius per axis in C
// order, with the grid's boundary rule: periodic axes wrap, others repeat the cell at the edge. [cells, C *
// taps] int64 into the flattened zeta [C * cells], channel by channel. Cells are those that carry unknowns
// (coarse_points.hpp). Of a neighbour that the symmetries of the grid map onto another
// cell that one is taken, where the field is the same. A neighbour that carries none is replaced by the one of the stencil nearest to it. (The published code sorts neighbours
// by flat index, which scrambles most stencils of a two-dimensional grid.)
torch::Tensor stencil_index(const std::vector<int64_t>& coarse, const Grid& grid, int64_t radius);

// What one network at every coarse cell sees, in this order.
struct CellInputs {
  torch::Tensor stencil;  // [cells, C * taps]
  torch::Tensor always;   // [cells, numbers] float32 that a cell always sees; undefined: none
  int64_t n_zeta = 1, n_eta = 0;
  int64_t n_shared = 0;  // numbers that all cells of a state see

  int64_t width() const;                                    // of the network's input
  torch::Tensor of_cells(const torch::Tensor& zeta) const;  // [.., n_zeta] -> [.., cells, before eta]
};

// That network in plain memory.
CellsKernel kernel_at_cells(const MlpKernel& net, const CellInputs& inputs);

}  // namespace msde
