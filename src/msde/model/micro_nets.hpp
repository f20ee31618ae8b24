// The networks between the fine scale and eta: fully connected in reduced coordinates, convolutional on the
// grid.
#pragma once

#include <torch/torch.h>

#include "msde/field/grid.hpp"
#include "msde/model/mlp.hpp"

namespace msde {

// Published micro encoder (1D, periodic): three circular convolutions C->4->16->64, 25 taps, stride 2,
// LeakyReLU after each, then a linear map of the 64 x points/8 values to n_eta. x [B, C * points] -> [B,
// n_eta].
class ConvEncoderImpl : public torch::nn::Module {
 public:
  ConvEncoderImpl(const Grid& grid, int64_t n_eta);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  int64_t channels_, points_;
  std::vector<torch::Tensor> kernels_, biases_;
  torch::Tensor weight_, bias_;
};
TORCH_MODULE(ConvEncoder);

// Published micro decoder: a linear map to 64 x points/8, LeakyReLU, three transposed convolutions
// 64->16->4->C, 9 taps, stride 2, LeakyReLU between. Periodic, where the published code pads with zeros. x
// [B, inputs] -> [B, C * points].
class ConvDecoderImpl : public torch::nn::Module {
 public:
  ConvDecoderImpl(const Grid& grid, int64_t inputs);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  int64_t channels_, points_;
  torch::Tensor weight_, bias_;
  std::vector<torch::Tensor> kernels_, biases_;
};
TORCH_MODULE(ConvDecoder);

}  // namespace msde
