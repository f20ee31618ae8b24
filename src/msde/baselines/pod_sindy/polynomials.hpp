// Monomials of degree up to two in n variables: the library of SINDy and of quadratic operator inference.
#pragma once

#include <string>

#include "msde/tensor/torch.hpp"

namespace msde {

// Order: 1 (if constant), x_0 .. x_{n-1}, and for degree 2 x_i x_j by rising j, i <= j; so the quadratic
// terms of the first m variables come before all that hold a later variable.
struct Polynomials {
  int64_t n = 0;
  int64_t degree = 1;  // 1 or 2
  bool constant = false;

  int64_t size() const;
  torch::Tensor evaluate(const torch::Tensor& x) const;    // [..., n] -> [..., size()]
  void evaluate(const double* x, double* features) const;  // one state
  std::string name(int64_t feature) const;                 // "1", "x3", "x0 x2"
  // Where the features of `part`, a library of fewer variables or a lower degree, stand in this one. int64.
  torch::Tensor positions_of(const Polynomials& part) const;
};

}  // namespace msde
