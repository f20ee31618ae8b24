// Leading principal (POD) modes of a matrix that is streamed by blocks of rows, in memory O(n_columns * rank).
#pragma once

#include <torch/torch.h>

#include <functional>

namespace msde {

// Calls the visitor with blocks [rows, n_columns] of the matrix, always the same blocks in the same order.
using RowBlocks = std::function<void(const std::function<void(const torch::Tensor& rows)>& visit)>;

struct PrincipalModes {
  torch::Tensor modes;            // [n_columns, rank], orthonormal columns, float64
  torch::Tensor singular_values;  // [rank], of the whole matrix, descending
  double total_energy = 0;        // squared Frobenius norm of the matrix
  int64_t n_rows = 0;
};

// Randomised SVD with one power iteration (Halko, Martinsson & Tropp, SIAM Review 2011, algorithms 4.4 and 5.1),
// uncentred, float64 accumulation; sketch keyed by `seed`. rank is cut to n_columns.
PrincipalModes principal_modes(const RowBlocks& blocks, int64_t n_columns, int64_t rank, uint64_t seed);

}  // namespace msde
