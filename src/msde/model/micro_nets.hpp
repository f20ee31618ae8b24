// The convolutional networks between the fine grid and eta, with the published layers.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Widths and taps per axis of the three convolutions, by the number of axes. One: 4, 16, 64, encoder 25 taps,
// decoder 9. Two: 64, 32, 16, 9 taps. Three (nothing is published): 16, 16, 16, 5 taps. All have stride 2, so
// every axis must be a multiple of 8.
//
// Encoder: three convolutions C -> widths, LeakyReLU after each, then a linear map to n_eta. Fields are
// continued beyond each end as its boundary says (ops/continuation.hpp): wrapped round where periodic,
// mirrored at a wall, constant where open. x [B, C * points] -> [B, n_eta].
class ConvEncoderImpl : public torch::nn::Module {
 public:
  ConvEncoderImpl(const Grid& grid, int64_t n_eta);  // ConfigError if the grid does not fit
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::Tensor run(const torch::Tensor& x);
  Grid grid_;
  std::vector<torch::Tensor> kernels_, biases_;
  torch::Tensor weight_, bias_;
};
TORCH_MODULE(ConvEncoder);

// Decoder: a linear map, LeakyReLU, three transposed convolutions widths -> C, LeakyReLU between; the sizes
// of the encoder backwards. On periodic axes what hangs over one end is added at the other, the adjoint of
// the encoder's padding. On others the input of each layer is continued beyond the ends as in the encoder and
// the overhang cut off: points at an end then see as many inputs as those inside, which the adjoint (or the
// zeros of the published code) would not give them. x [B, inputs] -> [B, C * points].
class ConvDecoderImpl : public torch::nn::Module {
 public:
  ConvDecoderImpl(const Grid& grid, int64_t inputs);  // ConfigError if the grid does not fit
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::Tensor run(const torch::Tensor& x);
  torch::Tensor enlarged(torch::Tensor h, size_t layer) const;
  Grid grid_;
  std::vector<int64_t> coarsest_;  // [-1, width, *points / 8]
  torch::Tensor weight_, bias_;
  std::vector<torch::Tensor> kernels_, biases_;
};
TORCH_MODULE(ConvDecoder);

}  // namespace msde
