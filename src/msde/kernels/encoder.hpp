// The encoder of the reduced preset: what EncoderImpl::mean computes.
#pragma once

#include <cstdint>
#include <vector>

#include "msde/kernels/mlp.hpp"

namespace msde {

// zeta = (R S a - mean) / std,  eta = net((a - S a) / residual_scale). Views: the tensors live elsewhere.
struct EncoderKernel {
  MlpKernel net;
  const float* separation = nullptr;                      // [n_zeta + n, n]: R S, then S
  const float *zeta_mean = nullptr, *zeta_std = nullptr;  // [n_zeta]
  float residual_scale = 1;
  int64_t n = 1, n_zeta = 1;

  int64_t n_eta() const { return net.outputs(); }
  int64_t n_z() const { return n_zeta + n_eta(); }
  int64_t tape_width() const { return n + net.tape_width(); }
  int64_t scratch_size(int64_t rows) const { return rows * (n_zeta + n + n_eta()) + net.scratch_size(rows); }
  int64_t gradient_size() const { return net.gradient_size(); }  // the network's
  std::vector<float> transposed_weights() const { return net.transposed_weights(); }

  // a [rows, n] -> z [rows, n_z]
  void forward(int64_t rows, const float* a, float* z, float* tape, float* scratch) const;

  // Adds the gradients of `separation` and of the network.
  struct Gradients {
    const float* transposed_weights;
    const float* dz;  // [rows, n_z]
    float *separation, *parameters;
  };
  void backward(int64_t rows, const float* a, const float* tape, const Gradients& gradients,
                float* scratch) const;
};
static_assert(Kernel<EncoderKernel>);

}  // namespace msde
