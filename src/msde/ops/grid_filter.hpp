// Depth-wise filters of fields on a grid of any number of axes, by FFT; every axis periodic or not.
#pragma once

#include <cstdint>
#include <vector>

#include "msde/grid/boundary.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// With half widths h = (K - 1) / 2 per axis, K odd, per channel c, in one dimension (others alike per axis):
//   filtered(x)[i]   = sum_k kernel[k] x[i + k - h],   transposed(x)[i] = sum_k kernel[k] x[i - k + h],
// where places beyond the ends wrap round a periodic axis, more than once if need be, and count as zero on
// any other. Shapes: kernel [C, K..], x [B, C, *grid] -> the same. Differentiable with respect to x and
// kernel. The kernel's transform is made once and serves every field.
class GridFilter {
 public:
  GridFilter(const torch::Tensor& kernel, std::vector<int64_t> grid, const std::vector<AxisEnds>& boundary);
  torch::Tensor filtered(const torch::Tensor& x) const;
  torch::Tensor transposed(const torch::Tensor& x) const;

 private:
  torch::Tensor times(const torch::Tensor& x, const torch::Tensor& spectrum) const;
  std::vector<int64_t> grid_, padded_, axes_;  // points, points of the transform, 2, 3, ..
  torch::Tensor spectrum_;                     // [C, *transform]
};

}  // namespace msde
