// The learned drift of the microscale.
#pragma once

#include "msde/kernels/drift.hpp"
#include "msde/kernels/mlp.hpp"

namespace msde {

// d eta += rate g(t, zeta, eta, mu, f), t only where the network sees it.
class MicroDriftKernel : public DriftTermKernel {
 public:
  struct Layout {
    int64_t n_zeta = 1, n_outside = 0;
    int64_t before = 0;  // numbers of the outside that come before the state among the inputs: the time
    float rate = 1;
  };
  MicroDriftKernel(MlpKernel net, Layout layout) : net_(std::move(net)), layout_(layout) {}

  int64_t tape_width() const override { return net_.inputs() + net_.tape_width(); }
  int64_t scratch_size(int64_t n) const override {
    return n * (net_.inputs() + net_.outputs()) + net_.scratch_size(n);
  }
  int64_t gradient_size() const override { return net_.gradient_size(); }
  std::vector<float> transposed_weights() const override { return net_.transposed_weights(); }
  void forward(const StateBlock& states, float* dz, float* tape, float* scratch) const override;
  void backward(int64_t n, const float* tape, const Gradients& gradients, float* scratch) const override;

 private:
  int64_t n_eta() const { return net_.outputs(); }
  int64_t n_z() const { return layout_.n_zeta + n_eta(); }
  MlpKernel net_;
  Layout layout_;
};

}  // namespace msde
