#include "msde/model/micro_nets.hpp"

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/ops/continuation.hpp"
#include "msde/ops/strided_convolution.hpp"
#include "msde/tensor/in_blocks.hpp"

namespace msde {
namespace {

constexpr int64_t kStride = 2, kLayers = 3;
constexpr double kSlope = 0.01;  // of LeakyReLU, PyTorch's default

struct Layers {
  int64_t widths[kLayers], encoder_taps, decoder_taps;
};

const Layers& layers_for(const Grid& grid) {
  static const Layers by_axes[] = {{{4, 16, 64}, 25, 9}, {{64, 32, 16}, 9, 9}, {{16, 16, 16}, 5, 5}};
  if (grid.dimensions() < 1 || grid.dimensions() > 3)
    throw ConfigError("model.preset=paper: got a grid of " + std::to_string(grid.dimensions()) +
                      " axes, expected 1, 2 or 3; use model.preset=reduced");
  const Layers& layers = by_axes[grid.dimensions() - 1];
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    // The last convolution sees a quarter of the points, which its padding must not exceed.
    const int64_t n = grid.shape[axis], least = 4 * (layers.encoder_taps / 2);
    if (n % (1 << kLayers) != 0 || n < least)
      throw ConfigError("model.preset=paper: got " + std::to_string(n) + " points on axis " +
                        std::to_string(axis) + ", expected a multiple of 8 and at least " +
                        std::to_string(least) + "; use model.preset=reduced");
  }
  return layers;
}

int64_t coarsest_points(const Grid& grid) {
  int64_t points = 1;
  for (int64_t n : grid.shape) points *= n >> kLayers;
  return points;
}

// Values of the widest layer, per snapshot.
int64_t widest(const Grid& grid) {
  const Layers& layers = layers_for(grid);
  int64_t values = grid.size(), points = grid.points();
  for (int64_t width : layers.widths) {
    points >>= grid.dimensions();
    values = std::max(values, width * points);
  }
  return values;
}

std::vector<int64_t> kernel_shape(int64_t first, int64_t second, int64_t taps, const Grid& grid) {
  std::vector<int64_t> shape(static_cast<size_t>(grid.dimensions()) + 2, taps);
  shape[0] = first;
  shape[1] = second;
  return shape;
}

}  // namespace

ConvEncoderImpl::ConvEncoderImpl(const Grid& grid, int64_t n_eta) : grid_(grid) {
  const Layers& layers = layers_for(grid);
  int64_t in = grid.channels;
  for (int64_t i = 0; i < kLayers; ++i) {
    const std::string n = std::to_string(i);
    const auto shape = kernel_shape(layers.widths[i], in, layers.encoder_taps, grid);
    kernels_.push_back(register_parameter("kernel" + n, torch::zeros(shape)));
    biases_.push_back(register_parameter("bias" + n, torch::zeros({layers.widths[i]})));
    in = layers.widths[i];
  }
  weight_ = register_parameter("weight", torch::zeros({in * coarsest_points(grid), n_eta}));
  bias_ = register_parameter("bias", torch::zeros({n_eta}));
}

torch::Tensor ConvEncoderImpl::run(const torch::Tensor& x) {
  std::vector<int64_t> field = {-1, grid_.channels};
  field.insert(field.end(), grid_.shape.begin(), grid_.shape.end());
  auto h = x.view(field);
  for (size_t i = 0; i < kernels_.size(); ++i) {
    for (int64_t axis = 0; axis < grid_.dimensions(); ++axis)
      h = continued(h, axis + 2, kernels_[i].size(axis + 2) / 2, grid_.boundary[axis]);
    h = strided_convolution(h, kernels_[i], biases_[i], kStride);
    torch::leaky_relu_(h, kSlope);  // in place: the widest layer of a window is 64 MiB
  }
  return torch::addmm(bias_, h.flatten(1), weight_);
}

torch::Tensor ConvEncoderImpl::forward(const torch::Tensor& x) {
  return in_blocks(x, widest(grid_), [this](const torch::Tensor& block) { return run(block); });
}

ConvDecoderImpl::ConvDecoderImpl(const Grid& grid, int64_t inputs) : grid_(grid) {
  const Layers& layers = layers_for(grid);
  coarsest_ = {-1, layers.widths[kLayers - 1]};
  for (int64_t n : grid.shape) coarsest_.push_back(n >> kLayers);
  weight_ = register_parameter("weight", torch::zeros({inputs, coarsest_[1] * coarsest_points(grid)}));
  bias_ = register_parameter("bias", torch::zeros({weight_.size(1)}));
  for (int64_t i = kLayers - 1; i >= 0; --i) {
    const int64_t out = i > 0 ? layers.widths[i - 1] : grid.channels;
    const std::string n = std::to_string(kLayers - 1 - i);
    const auto shape = kernel_shape(layers.widths[i], out, layers.decoder_taps, grid);
    kernels_.push_back(register_parameter("kernel" + n, torch::zeros(shape)));
    biases_.push_back(register_parameter("bias" + n, torch::zeros({out})));
  }
}

// One transposed convolution: twice the points on every axis.
torch::Tensor ConvDecoderImpl::enlarged(torch::Tensor h, size_t layer) const {
  const auto& kernel = kernels_[layer];
  const int64_t pad = kernel.size(2) / 2, beyond = (pad + kStride - 1) / kStride;  // taps reach so far
  const auto points = h.sizes().vec();
  const auto periodic = [&](int64_t axis) { return grid_.boundary[axis].periodic(); };
  for (int64_t axis = 0; axis < grid_.dimensions(); ++axis)
    if (!periodic(axis)) h = continued(h, axis + 2, beyond, grid_.boundary[axis]);
  h = transposed_convolution(h, kernel, kStride);  // starts pad points before the first
  for (int64_t axis = 0; axis < grid_.dimensions(); ++axis)
    h = periodic(axis) ? wrapped_round(h, axis + 2, pad)
                       : h.narrow(axis + 2, pad + kStride * beyond, kStride * points[axis + 2]);
  std::vector<int64_t> per_channel(points.size(), 1);
  per_channel[1] = kernel.size(1);
  return h + biases_[layer].view(per_channel);
}

torch::Tensor ConvDecoderImpl::run(const torch::Tensor& x) {
  auto h = torch::addmm(bias_, x, weight_).view(coarsest_);
  for (size_t i = 0; i < kernels_.size(); ++i) h = enlarged(torch::leaky_relu(h, kSlope), i);
  return h.flatten(1);
}

torch::Tensor ConvDecoderImpl::forward(const torch::Tensor& x) {
  return in_blocks(x, widest(grid_), [this](const torch::Tensor& block) { return run(block); });
}

}  // namespace msde
