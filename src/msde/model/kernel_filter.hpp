// The paper's filter: one free kernel per channel on the fine grid, kept at unit gain.
#pragma once

#include "msde/field/grid.hpp"
#include "msde/model/scales.hpp"

namespace msde {

// S = circular convolution with k / sum(k), 2 n_sigma sigma + 1 taps, k initialised as a Gaussian of standard
// deviation sigma (fine cells per coarse cell); R takes every sigma-th value; D_zeta = sigma (R S)^T, which
// has unit gain up to the ripple of the kernel. (Published code: no normalisation, so no unit gain;
// docs/method.md section 11.) One space dimension, periodic.
class KernelFilter : public FilterImpl {
 public:
  KernelFilter(const Grid& grid, int64_t n_zeta, int64_t n_sigma);  // ConfigError if the grid does not fit
  Scales scales() const override;

 private:
  int64_t points_, sigma_;
  torch::Tensor kernel_;  // [C, taps]
};

}  // namespace msde
