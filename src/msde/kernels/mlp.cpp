#include "msde/kernels/mlp.hpp"

#include <algorithm>

#include "msde/kernels/products.hpp"

namespace msde {

MlpKernel::MlpKernel(std::vector<LayerView> layers, KernelActivation sigma)
    : layers_(std::move(layers)), sigma_(sigma) {
  for (const auto& layer : layers_) {
    widest_ = std::max(widest_, layer.outputs);
    tape_width_ += layer.outputs;
    weights_size_ += layer.inputs * layer.outputs;
    gradient_size_ += (layer.inputs + 1) * layer.outputs;
  }
  tape_width_ -= outputs();
}

void MlpKernel::forward(int64_t rows, const float* x, float* y, float* tape, float* scratch) const {
  const float* input = x;
  for (size_t i = 0; i + 1 < layers_.size(); ++i) {
    const auto& [weight, bias, inputs, outputs] = layers_[i];
    Product{rows, outputs, inputs}.of(input, weight, tape);
    float* output = i % 2 == 0 ? scratch : scratch + rows * widest_;
    add_bias_activate(sigma_, {rows, outputs}, bias, tape, output);
    input = output;
    tape += rows * outputs;
  }
  const auto& [weight, bias, inputs, outputs] = layers_.back();
  for (int64_t r = 0; r < rows; ++r) std::copy_n(bias, outputs, y + r * outputs);
  Product{.m = rows, .n = outputs, .k = inputs, .keep = 1}.of(input, weight, y);
}

std::vector<float> MlpKernel::transposed_weights() const {
  std::vector<float> all;
  all.reserve(static_cast<size_t>(weights_size_));
  for (const auto& layer : layers_)
    for (int64_t j = 0; j < layer.outputs; ++j)
      for (int64_t i = 0; i < layer.inputs; ++i) all.push_back(layer.weight[i * layer.outputs + j]);
  return all;
}

void MlpKernel::backward(int64_t rows, const float* x, const float* tape, const Gradients& gradients,
                       float* scratch) const {
  float* upstream = scratch;  // gradient of h_i
  float* below = scratch + rows * widest_;
  float* input = below + rows * widest_;  // sigma(h_(i-1)), made again
  const float* d = gradients.dy;
  const float* h = tape + rows * tape_width_;
  const float* transposed = gradients.transposed_weights + weights_size_;
  float* parameter = gradients.parameters + gradient_size_;

  const int64_t last = outputs();
  float* last_bias = parameter - last;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t j = 0; j < last; ++j) last_bias[j] += d[r * last + j];

  for (size_t i = layers_.size(); i-- > 0;) {
    const int64_t inputs = layers_[i].inputs, outputs = layers_[i].outputs;
    transposed -= inputs * outputs;
    parameter -= (inputs + 1) * outputs;
    const bool first = i == 0;
    float* dx = first ? gradients.dx : below;
    if (dx != nullptr) Product{rows, inputs, outputs}.of(d, transposed, dx);
    if (!first) {
      h -= rows * inputs;
      float* bias_below = parameter - inputs;
      activate_and_pull_back(sigma_, {rows, inputs}, h, input, below, bias_below);
    }
    Product{.m = inputs, .n = outputs, .k = rows, .keep = 1}.of_transposed(first ? x : input, d, parameter);
    std::swap(upstream, below);
    d = upstream;
  }
}

}  // namespace msde
