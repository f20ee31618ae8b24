// What is known of a snapshot before it is seen, and what that says of values that are missing.
#pragma once

#include "msde/scales/principal_modes.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Snapshots as a Gaussian of few modes: y = mean + sum_k c_k g_k + e, c_k ~ N(0, variance_k) and e ~ N(0, rest) in
// every value, all independent. Of POD modes the factor model of Tipping & Bishop, J. R. Stat. Soc. B 61 (1999).
struct FieldPrior {
  torch::Tensor mean;      // [n] float64
  torch::Tensor modes;     // [n, r] float64, orthonormal columns g_k
  torch::Tensor variance;  // [r] float64
  double rest = 0;         // what the modes leave of a value, with its noise
};

// Of rows [.., n] without missing values, visited three times: their mean, the leading modes about it, at most `most`
// and fewer than there are rows, and the mean square of what these leave of a value. DataError if there are no rows.
FieldPrior learn_field_prior(const RowBlocks& rows, int64_t n, int64_t most, uint64_t seed);

// Rows [B, n] in which NaN, missing, has become its conditional mean given the row's other values,
//   mean_m + G_m c,   c = (G_o^T G_o + rest diag(1 / variance))^-1 G_o^T (y_o - mean_o),
// o the values that are there, m the others: least squares in the modes, weighted by the precisions of values and
// coefficients. Of a row without any value the mean. The type of `rows`; values that are there stay as they are.
torch::Tensor fill_missing(const FieldPrior& prior, const torch::Tensor& rows);

}  // namespace msde
