// A fully connected network as one differentiable operation on the CPU.
#pragma once

#include <optional>
#include <vector>

#include "msde/kernels/mlp.hpp"
#include "msde/ops/activation.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Weights [in, out] and biases [out] of the layers, first to last: W_0, b_0, W_1, b_1, ...
struct MlpParameters {
  std::vector<torch::Tensor> tensors;
  Activation activation = Activation::silu;
};

// The plain-memory view of the network; none where it must be computed by LibTorch (not float32 on the CPU,
// not contiguous, tanh). Valid while the tensors are neither freed nor moved.
std::optional<MlpKernel> kernel_of(const MlpParameters& network);

// x [rows, inputs] -> [rows, outputs]. Same values and gradients as mlp_by_layers(), to rounding; no second
// derivatives.
torch::Tensor mlp(const torch::Tensor& x, const MlpParameters& network);

// Its plain twin, layer by layer.
torch::Tensor mlp_by_layers(const torch::Tensor& x, const MlpParameters& network);

}  // namespace msde
