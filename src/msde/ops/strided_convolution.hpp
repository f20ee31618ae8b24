// Strided convolutions and their transposes without padding, on any number of axes.
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

// y[stride j + k] += kernel[in, out, k] x[in, j] per axis: x [B, in, *m], kernel [in, out, *K] with K >=
// stride -> y [B, out, *(stride m + K - 1)], whose last stride - 1 values per axis are zero where nothing
// reaches them.
//
// `automatic` takes line_convolution.hpp for lines in float32 on the CPU, the input
// gradient of a convolution, which oneDNN computes, towards more than a few output channels, and LibTorch's
// own transposed convolution elsewhere: each where it is the fastest.
enum class TransposedPath { automatic, lines, native, input_gradient };
torch::Tensor transposed_convolution(const torch::Tensor& x, const torch::Tensor& kernel, int64_t stride,
                                     TransposedPath path = TransposedPath::automatic);

// y[o, j] = bias[o] + sum_{c, k} kernel[o, c, k] x[c, stride j + k] per axis, x [B, c, *(stride m + K - 1)]
// -> [B, o, *m]: by line_convolution.hpp for lines in float32 on the CPU, else LibTorch's convolution, whose
// gradient with respect to x is taken by the faster transpose.
torch::Tensor strided_convolution(const torch::Tensor& x, const torch::Tensor& kernel,
                                  const torch::Tensor& bias, int64_t stride);

}  // namespace msde
