// The decoder of the reduced preset: what DecoderImpl::reconstruct computes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "msde/kernels/cells.hpp"

namespace msde {

// macro = D u, u = zeta std + mean;  micro = c - D R S c,  c = micro_scale net(z or eta) + local_scale
// cells(z) modes. Views: the tensors live elsewhere.
struct DecoderKernel {
  MlpKernel net;
  std::optional<CellsKernel> local;
  const float *prolongation = nullptr, *restriction = nullptr;  // D transposed, R S: [n_zeta, n]
  const float* modes = nullptr;                                 // [cells * modes of a cell, n]
  const float *zeta_mean = nullptr, *zeta_std = nullptr;        // [n_zeta]
  float micro_scale = 1, local_scale = 1;
  int64_t n_zeta = 1, n_eta = 1;

  int64_t n() const { return net.outputs(); }
  int64_t n_z() const { return n_zeta + n_eta; }
  int64_t tape_width() const;
  int64_t scratch_size(int64_t rows) const;
  int64_t gradient_size() const {  // the network's, then the cells'
    return net.gradient_size() + (local ? local->gradient_size() : 0);
  }

  // z [rows, n_z] -> macro, micro [rows, n]
  void forward(int64_t rows, const float* z, float* macro, float* micro, float* tape, float* scratch) const;

  struct Transposed {
    std::vector<float> net, local;
  };
  Transposed transposed_weights() const;

  // Adds to z_gradient [rows, n_z] and to the gradients of D, R S and the parameters.
  struct Gradients {
    const float *dmacro, *dmicro;  // [rows, n]
    float *z_gradient, *prolongation, *restriction, *parameters;
  };
  void backward(int64_t rows, const float* z, const float* tape, const Transposed& transposed,
                const Gradients& gradients, float* scratch) const;

 private:
  bool sees_zeta() const { return net.inputs() == n_z(); }
};
static_assert(Kernel<DecoderKernel>);

}  // namespace msde
