// Depth-wise circular filters of fields on a periodic grid: smoothing, restriction, prolongation.
//
// With half width h = n_sigma * stride and K = 2 h + 1 taps per axis, per channel c, in 1D (2D alike per
// axis):
//   smooth(x)[i]   = sum_k kernel[k] x[(i + k - h) mod n] + bias
//   restrict(x)[j] = smooth(x)[j * stride]
//   prolong(z)[i]  = sum over j, k with (j * stride + k - h) mod n = i of kernel[k] z[j], + bias
// so prolong is the transpose of restrict plus the bias. More taps than points wrap around more than once.
// Shapes: x [B, C, *grid], z [B, C, *grid / stride], kernel [C, 1, K...], bias [C]; 1 or 2 axes.
// Differentiable with respect to x, z, kernel and bias (once). Source: docs/method.md section 2.
// Errors: ConfigError for a kernel or bias that does not fit stride and n_sigma, DataError for a field that
// does not fit the kernel or the stride.
#pragma once

#include <torch/torch.h>

namespace msde {

struct PeriodicFilter {
  torch::Tensor kernel;
  torch::Tensor bias;
  int64_t stride = 1;
  int64_t n_sigma = 1;
};

enum class FilterPath {
  automatic,    // circulant in 1D up to 4096 points, convolution otherwise
  convolution,  // the plain twin: LibTorch's (transposed) convolution on a wrapped field
  circulant,    // 1D only: one matrix product per channel, 16x faster with 301 taps on 1000 points
};

torch::Tensor smooth(const PeriodicFilter& filter, const torch::Tensor& x,
                     FilterPath path = FilterPath::automatic);
// Where smooth(x) is needed as well, slice it with step `stride` instead: the same numbers at no cost.
torch::Tensor restrict_to_coarse(const PeriodicFilter& filter, const torch::Tensor& x,
                                 FilterPath path = FilterPath::automatic);
torch::Tensor prolong(const PeriodicFilter& filter, const torch::Tensor& z,
                      FilterPath path = FilterPath::automatic);

}  // namespace msde
