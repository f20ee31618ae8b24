// Sparse regression by sequentially thresholded least squares.
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

// The normal equations of B ~ A C: A^T A [F, F] and A^T B [F, k], float64.
struct NormalEquations {
  torch::Tensor gram, moments;
};

struct StlsqOptions {
  double threshold = .1;  // coefficients below are removed; 0: plain ridge regression
  double ridge = .05;     // weight of |C|^2 beside |A C - B|^2
  int64_t max_iterations = 10;
  bool refit = false;  // least squares without ridge on the terms left ("unbias")
};

// C [F, k]. Ridge regression, then up to max_iterations times: remove what is below the threshold, fit the
// rest again; each column by itself (Brunton, Proctor & Kutz, PNAS 113 (2016); with ridge Rudy et al., Sci.
// Adv. 3 (2017)).
torch::Tensor stlsq(const NormalEquations& equations, const StlsqOptions& options);

}  // namespace msde
