// Leading principal (POD) modes of a matrix that is streamed by blocks of rows, in memory O(n_columns *
// rank).
#pragma once

#include <functional>

#include "msde/tensor/torch.hpp"

namespace msde {

// Calls the visitor with blocks [rows, n_columns] of the matrix, always the same blocks in the same order.
using RowBlocks = std::function<void(const std::function<void(const torch::Tensor& rows)>& visit)>;

struct PrincipalModes {
  torch::Tensor modes;            // [n_columns, rank], orthonormal columns, float64
  torch::Tensor singular_values;  // [rank], of the whole matrix, descending
  double total_energy = 0;        // squared Frobenius norm of A
  int64_t n_rows = 0;
};

// The part of the row space that modes are looked for in.
struct ModeSpace {
  torch::Tensor apart_from = {};  // Q [n_columns, q] float64, orthonormal
  // Orthogonal projection P of columns, which leaves Q as it is and has `dimensions` of it and beside it; none: identity.
  std::function<torch::Tensor(const torch::Tensor& columns)> projection = {};
  int64_t dimensions = 0;
};

// Randomised SVD in two passes, uncentred, the second in float64: Q = orth(A^T A Omega) with a Gaussian Omega
// keyed by `seed` (one power iteration), then the Nystrom approximation of A^T A on Q (Halko, Martinsson &
// Tropp, SIAM Review 53 (2011), algorithms 4.4 and 5.5; Tropp et al., NeurIPS 2017, algorithm 3). Exact up to
// rounding where the matrix has no more than `rank` directions; singular values below 1e-8 of the largest are
// rounding. rank is cut to the dimensions that are free of Q. DataError if there are no rows.
// In a ModeSpace the modes of A P (I - Q Q^T): A itself is
// visited, and the projection is done once per pass, (I - Q Q^T) P A^T A B for a B in the space. Rounding is
// that of A: singular values below about 1e-8 of the root of |A| |A (I - Q Q^T)| are nothing else. No modes,
// and nothing visited, where Q has all of them.
PrincipalModes principal_modes(const RowBlocks& blocks, int64_t n_columns, int64_t rank, uint64_t seed,
                               const ModeSpace& space = {});

}  // namespace msde
