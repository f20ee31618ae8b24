#include "msde/model/micro_nets.hpp"

#include "msde/core/error.hpp"

namespace msde {
namespace {

namespace F = torch::nn::functional;
constexpr int64_t kEncoderTaps = 25, kDecoderTaps = 9, kStride = 2, kLayers = 3;
constexpr int64_t kWidths[kLayers] = {4, 16, 64};
constexpr double kSlope = 0.01;  // of LeakyReLU, PyTorch's default

void check_grid(const Grid& grid) {
  // The last convolution sees a quarter of the points, which its circular padding must not exceed.
  if (grid.dimensions() != 1 || grid.shape[0] % (1 << kLayers) != 0 || grid.shape[0] / 4 < kEncoderTaps / 2)
    throw ConfigError(
        "model.preset=paper needs one axis whose points are a multiple of 8 and at least 48; "
        "use model.preset=reduced");
}

// The adjoint of "pad circularly by p, convolve with stride s": a transposed convolution whose overhang wraps
// round. x [B, in, n] -> [B, out, s n], kernel [in, out, taps].
torch::Tensor transposed_periodic(const torch::Tensor& x, const torch::Tensor& kernel,
                                  const torch::Tensor& bias) {
  const int64_t taps = kernel.size(2), n = kStride * x.size(2), pad = taps / 2;
  auto wide =
      torch::conv_transpose1d(x, kernel, {}, kStride, 0, kStride - 1);  // n + taps - 1 values, first is -pad
  auto middle = wide.narrow(2, pad, n);
  auto left = wide.narrow(2, 0, pad);  // belongs to the right end
  auto right = wide.narrow(2, pad + n, wide.size(2) - pad - n);
  auto zeros = [&](int64_t length) { return torch::zeros({x.size(0), kernel.size(1), length}, x.options()); };
  return middle + torch::cat({zeros(n - pad), left}, 2) + torch::cat({right, zeros(n - right.size(2))}, 2) +
         bias.view({1, -1, 1});
}

}  // namespace

ConvEncoderImpl::ConvEncoderImpl(const Grid& grid, int64_t n_eta)
    : channels_(grid.channels), points_(grid.points()) {
  check_grid(grid);
  int64_t in = channels_;
  for (int64_t i = 0; i < kLayers; ++i) {
    const std::string n = std::to_string(i);
    kernels_.push_back(register_parameter("kernel" + n, torch::zeros({kWidths[i], in, kEncoderTaps})));
    biases_.push_back(register_parameter("bias" + n, torch::zeros({kWidths[i]})));
    in = kWidths[i];
  }
  weight_ = register_parameter("weight", torch::zeros({in * (points_ >> kLayers), n_eta}));
  bias_ = register_parameter("bias", torch::zeros({n_eta}));
}

torch::Tensor ConvEncoderImpl::forward(const torch::Tensor& x) {
  auto h = x.view({-1, channels_, points_});
  const auto circular = F::PadFuncOptions({kEncoderTaps / 2, kEncoderTaps / 2}).mode(torch::kCircular);
  for (int64_t i = 0; i < kLayers; ++i)
    h = torch::leaky_relu(torch::conv1d(F::pad(h, circular), kernels_[i], biases_[i], kStride), kSlope);
  return torch::addmm(bias_, h.flatten(1), weight_);
}

ConvDecoderImpl::ConvDecoderImpl(const Grid& grid, int64_t inputs)
    : channels_(grid.channels), points_(grid.points()) {
  check_grid(grid);
  weight_ = register_parameter("weight", torch::zeros({inputs, kWidths[kLayers - 1] * (points_ >> kLayers)}));
  bias_ = register_parameter("bias", torch::zeros({weight_.size(1)}));
  for (int64_t i = kLayers - 1; i >= 0; --i) {
    const int64_t out = i > 0 ? kWidths[i - 1] : channels_;
    const std::string n = std::to_string(kLayers - 1 - i);
    kernels_.push_back(register_parameter("kernel" + n, torch::zeros({kWidths[i], out, kDecoderTaps})));
    biases_.push_back(register_parameter("bias" + n, torch::zeros({out})));
  }
}

torch::Tensor ConvDecoderImpl::forward(const torch::Tensor& x) {
  auto h = torch::addmm(bias_, x, weight_).view({x.size(0), kWidths[kLayers - 1], points_ >> kLayers});
  for (int64_t i = 0; i < kLayers; ++i)
    h = transposed_periodic(torch::leaky_relu(h, kSlope), kernels_[i], biases_[i]);
  return h.flatten(1);
}

}  // namespace msde
