// The matrix of a 1D circular filter, and the rows of it that a restriction needs.
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

// A[c, j, i] = sum over k with (j * row_step + k - h) mod n = i of taps[c, k], with K = 2 h + 1 taps [C, K],
// K odd: rows 0, row_step, 2 row_step, ... of the circulant matrix, [C, n / row_step, n]; row_step divides n.
// smooth(x) = x A^T with row_step 1; restrict and prolong are x A^T and z A with row_step = stride.
torch::Tensor circulant_rows(const torch::Tensor& taps, int64_t n, int64_t row_step);

}  // namespace msde
