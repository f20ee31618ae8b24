// A fully connected network.
#pragma once

#include <cstdint>
#include <vector>

#include "msde/kernels/activation.hpp"
#include "msde/kernels/kernel.hpp"

namespace msde {

// x W + b, W [inputs, outputs] row-major. Views: the weights live elsewhere.
struct LayerView {
  const float* weight = nullptr;
  const float* bias = nullptr;
  int64_t inputs = 0, outputs = 0;
};

// h_0 = x W_0 + b_0, h_i = sigma(h_(i-1)) W_i + b_i; the last h is the output.
class MlpKernel {
 public:
  MlpKernel() = default;
  MlpKernel(std::vector<LayerView> layers, KernelActivation sigma);

  int64_t inputs() const { return layers_.front().inputs; }
  int64_t outputs() const { return layers_.back().outputs; }
  int64_t tape_width() const { return tape_width_; }  // all h but the last
  int64_t scratch_size(int64_t rows) const { return rows * 3 * widest_; }
  int64_t gradient_size() const { return gradient_size_; }  // W_0, b_0, W_1, b_1, ...

  // x [rows, inputs] -> y [rows, outputs]
  void forward(int64_t rows, const float* x, float* y, float* tape, float* scratch) const;

  // W_0^T, W_1^T, ... one after the other: what `backward` multiplies by. Products with a matrix as it lies
  // in memory are up to twice as fast as with its transpose.
  std::vector<float> transposed_weights() const;

  // dy [rows, outputs] -> dx [rows, inputs] (not computed where null); adds to `parameters`.
  struct Gradients {
    const float* transposed_weights;
    const float* dy;
    float* dx;
    float* parameters;
  };
  void backward(int64_t rows, const float* x, const float* tape, const Gradients& gradients,
                float* scratch) const;

 private:
  std::vector<LayerView> layers_;
  KernelActivation sigma_;
  int64_t tape_width_ = 0, widest_ = 0, weights_size_ = 0, gradient_size_ = 0;
};
static_assert(Kernel<MlpKernel>);

}  // namespace msde
