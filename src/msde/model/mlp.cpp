#include "msde/model/mlp.hpp"

#include <cmath>

#include "msde/tensor/random_tensor.hpp"

namespace msde {

torch::Tensor activate(Activation activation, const torch::Tensor& x) {
  switch (activation) {
    case Activation::silu:
      return torch::silu(x);
    case Activation::relu:
      return torch::relu(x);
    case Activation::leaky_relu:
      return torch::leaky_relu(x, 0.01);
    case Activation::tanh:
      return torch::tanh(x);
  }
  TORCH_CHECK(false, "unknown activation");
}

torch::Tensor activation_slope(Activation activation, const torch::Tensor& x) {
  switch (activation) {
    case Activation::silu: {
      auto s = torch::sigmoid(x);
      return s * (1 + x * (1 - s));
    }
    case Activation::relu:
      return (x > 0).to(x.scalar_type());
    case Activation::leaky_relu:
      return torch::where(x > 0, torch::ones_like(x), torch::full_like(x, 0.01));
    case Activation::tanh:
      return 1 - torch::tanh(x).square();
  }
  TORCH_CHECK(false, "unknown activation");
}

MlpImpl::MlpImpl(MlpOptions options) : options_(std::move(options)) {
  int64_t in = options_.inputs;
  auto sizes = options_.hidden;
  sizes.push_back(options_.outputs);
  for (size_t i = 0; i < sizes.size(); ++i) {
    const std::string n = std::to_string(i);
    weights_.push_back(register_parameter("weight" + n, torch::zeros({in, sizes[i]})));
    biases_.push_back(register_parameter("bias" + n, torch::zeros({sizes[i]})));
    in = sizes[i];
  }
}

torch::Tensor MlpImpl::after_first(torch::Tensor h) {
  for (size_t i = 1; i < weights_.size(); ++i) {
    h = activate(options_.activation, h);
    h = torch::addmm(biases_[i], h, weights_[i]);
  }
  return h;
}

torch::Tensor MlpImpl::forward(const torch::Tensor& x) {
  auto shape = x.sizes().vec();
  auto h = after_first(torch::addmm(biases_[0], x.reshape({-1, options_.inputs}), weights_[0]));
  shape.back() = options_.outputs;
  return h.view(shape);
}

torch::Tensor MlpImpl::forward_shared(const torch::Tensor& per_cell, const torch::Tensor& shared) {
  const int64_t p = per_cell.size(-1), n = per_cell.size(-2), q = shared.size(-1),
                width = weights_[0].size(1);
  auto shape = per_cell.sizes().vec();
  auto cells = torch::mm(per_cell.reshape({-1, p}), weights_[0].narrow(0, 0, p)).view({-1, n, width});
  auto common = torch::addmm(biases_[0], shared.reshape({-1, q}), weights_[0].narrow(0, p, q));
  auto h = after_first((cells + common.unsqueeze(1)).view({-1, width}));
  shape.back() = options_.outputs;
  return h.view(shape);
}

MlpImpl::ValueAndSlope MlpImpl::value_and_slope(const torch::Tensor& x) {
  auto h = torch::matmul(x, weights_[0]) + biases_[0];
  auto dh = weights_[0].sum(0).expand_as(h);
  for (size_t i = 1; i < weights_.size(); ++i) {
    dh = torch::matmul(activation_slope(options_.activation, h) * dh, weights_[i]);
    h = torch::matmul(activate(options_.activation, h), weights_[i]) + biases_[i];
  }
  return {h, dh};
}

uint64_t initialise(torch::nn::Module& module, uint64_t seed, uint64_t first_number) {
  torch::NoGradGuard no_grad;
  uint64_t number = first_number;
  for (auto& parameter : module.parameters()) {
    if (parameter.dim() < 2) continue;
    // Fans as for a convolution: [a, b, taps..] has a*taps and b*taps connections on its two sides.
    const int64_t taps = parameter.numel() / (parameter.size(0) * parameter.size(1));
    const double fans = static_cast<double>((parameter.size(0) + parameter.size(1)) * taps);
    const RandomKey key{seed, Stream::initialisation, number++};
    parameter.copy_(normal(key, parameter.sizes(), torch::kDouble) * std::sqrt(2.0 / fans));
  }
  return number;
}

}  // namespace msde
