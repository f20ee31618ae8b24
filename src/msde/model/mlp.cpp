#include "msde/model/mlp.hpp"

#include <cmath>

#include "msde/tensor/random_tensor.hpp"

namespace msde {

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

void MlpImpl::fix() {
  for (auto& p : parameters()) p.requires_grad_(false);
}

void MlpImpl::set_linear(const torch::Tensor& weights) {
  torch::NoGradGuard no_grad;
  TORCH_CHECK(weights_.size() == 1, "a network with hidden layers is not linear");
  weights_[0].copy_(weights);
  biases_[0].zero_();
}

MlpParameters MlpImpl::parameters_in_order() const {
  MlpParameters network;
  network.activation = options_.activation;
  for (size_t i = 0; i < weights_.size(); ++i)
    network.tensors.insert(network.tensors.end(), {weights_[i], biases_[i]});
  return network;
}

torch::Tensor MlpImpl::forward(const torch::Tensor& x) {
  auto shape = x.sizes().vec();
  shape.back() = options_.outputs;
  return mlp(x.reshape({-1, options_.inputs}), parameters_in_order()).view(shape);
}

torch::Tensor MlpImpl::forward_shared(const torch::Tensor& per_cell, const torch::Tensor& shared) {
  auto shape = per_cell.sizes().vec();
  shape.back() = shared.size(-1);
  return forward(torch::cat({per_cell, shared.unsqueeze(-2).expand(shape)}, -1));
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
