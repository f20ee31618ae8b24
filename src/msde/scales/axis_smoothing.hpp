// Gaussian smoothing along one axis of a grid, by FFT: cost and memory grow with the points, not their
// square.
#pragma once

#include "msde/ops/grid_filter.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// (G u)_i = sum_j k(i - j) u_j / sum_j k(i - j),  k a Gaussian of standard deviation `width` (fine cells) cut
// at `reach` cells, j over the axis: periodic axes wrap; elsewhere the cut kernel is scaled so that constants
// stay constants. Rows u [.., n] -> same shape, in the type of u.
class AxisSmoothing {
 public:
  AxisSmoothing(int64_t n, double width, int64_t reach, const AxisEnds& ends);
  torch::Tensor smoothed(const torch::Tensor& rows) const;    // G u
  torch::Tensor transposed(const torch::Tensor& rows) const;  // G^T u

 private:
  torch::Tensor filtered(const torch::Tensor& rows) const;
  GridFilter filter_;   // symmetric: its own transpose
  torch::Tensor gain_;  // [n] float64: sum_j k(i - j)
};

}  // namespace msde
