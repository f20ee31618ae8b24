// Strided convolutions of batches of lines and their transposes as differentiable operations on the CPU
// (line_convolution.hpp): oneDNN computes the gradients of wide kernels at a third of the rate of a product.
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

// Whether the operations below can be used: a batch of lines in float32 on the CPU.
bool are_plain_lines(const torch::Tensor& x, const torch::Tensor& kernel);

// x [B, in, stride m + taps - 1], kernel [out, in, taps], bias [out] -> [B, out, m]
torch::Tensor convolved_lines(const torch::Tensor& x, const torch::Tensor& kernel, const torch::Tensor& bias,
                              int64_t stride);

// x [B, in, m], kernel [in, out, taps] -> [B, out, stride m + taps - 1]
torch::Tensor transposed_lines(const torch::Tensor& x, const torch::Tensor& kernel, int64_t stride);

}  // namespace msde
