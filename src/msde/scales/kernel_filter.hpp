// The paper's filter: one free kernel per channel on the fine grid, kept at unit gain.
#pragma once

#include <vector>

#include "msde/grid/grid.hpp"
#include "msde/scales/scales.hpp"

namespace msde {

// (S y)_i = sum_k k_k y_{i+k} / sum_k k_k over the taps k that fall on the grid, 2 n_sigma sigma + 1 per
// axis: on periodic axes all of them, wrapped round; elsewhere those beyond the ends are dropped, so that
// constants stay constants. k starts as a Gaussian of standard deviation sigma (fine cells per coarse cell)
// per axis and is free afterwards; as only its shape counts, its scale sets the pace of learning: sum 1 on
// one periodic axis, peak 1 elsewhere, where a kernel of thousands of taps must not lose its sum in a few
// steps. R takes every sigma-th value (scales/coarse_points.hpp). D_zeta = sigma^d (R S)^T, which has unit gain
// up to the ripple of the kernel; where an axis is not periodic, coarse points are missing beyond its ends,
// and D_zeta = diag(1 / (R S)^T 1) (R S)^T instead, with unit gain exactly. Under a mask taps on points that are no
// fluid are dropped, too, and the cells are those that carry unknowns (scales/coarse_points.hpp). (Published code: no normalisation
// and circular everywhere; docs/method.md section 12.)
class KernelFilter : public FilterImpl {
 public:
  // ConfigError unless n_zeta divides the grid.
  KernelFilter(const Grid& grid, const std::vector<int64_t>& n_zeta, int64_t n_sigma);
  Scales scales() const override;

 private:
  bool is_periodic_line() const;
  torch::Tensor unit_gain() const;                          // kernel / sum
  Scales as_matrices(const torch::Tensor& kernel) const;    // one periodic axis of few points
  Scales as_operations(const torch::Tensor& kernel) const;  // anything else
  Grid grid_;
  std::vector<int64_t> n_zeta_, sigma_, first_;  // per axis: coarse points, their distance, the first one
  torch::Tensor kernel_;                         // [C, *taps]
};

}  // namespace msde
