// A map between vectors that is a polynomial of degree two, by its coefficients.
#pragma once

#include <functional>

#include "msde/tensor/torch.hpp"

namespace msde {

// Monomials of z [.., n]: 1, z_j, and of degree 2 z_j z_k for j <= k, row by row of the upper triangle.
int64_t monomial_count(int64_t n, int64_t degree);                // degree 0, 1 or 2
torch::Tensor monomials(const torch::Tensor& z, int64_t degree);  // [.., n] -> [.., monomial_count]

// W [monomial_count, n_out] with F(z) = monomials(z) W, of a polynomial F [B, n] -> [B, n_out] of that degree, in float64.
// By its values at 0, +-e_j and e_j + e_k, `rows` at a time; exact up to rounding.
torch::Tensor coefficients_of(const std::function<torch::Tensor(const torch::Tensor&)>& F, int64_t n,
                              int64_t degree, int64_t rows = 512);

}  // namespace msde
