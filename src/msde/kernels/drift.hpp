// Both drifts and their gradients on a block of states, in plain memory: what DriftImpl::forward computes.
#pragma once

#include <cstdint>
#include <vector>

#include "msde/kernels/cells.hpp"

namespace msde {

// d zeta = rate f(stencil of zeta around a cell, eta, mu, f),  d eta = rate g(t, zeta, eta, mu, f).
// State z = zeta [channels * cells], eta; outside = t (where the micro drift sees it), mu, f, in units of
// training.
struct DriftKernel {
  CellsKernel macro;
  MlpKernel micro;  // not used where n_eta = 0
  int64_t n_outside = 0;
  bool micro_time = false;
  float rate = 1;

  int64_t n_z() const { return macro.n_z(); }
  int64_t tape_width() const;             // floats a state
  int64_t scratch_size(int64_t n) const;  // floats for n states
  int64_t gradient_size() const;          // floats: those of macro, then those of micro

  // z [n, n_z], outside [n, n_outside] -> dz [n, n_z]; fills tape [n * tape_width].
  void forward(int64_t n, const float* z, const float* outside, float* dz, float* tape, float* scratch) const;

  // What `backward` multiplies by: MlpKernel::transposed_weights of each network.
  struct Transposed {
    std::vector<float> macro, micro;
  };
  Transposed transposed_weights() const;

  // Adds J^T d to z_gradient [n, n_z] and the parameters' gradients to `parameters`.
  struct Gradients {
    const float* d;  // [n, n_z]
    float *z_gradient, *parameters;
  };
  void backward(int64_t n, const float* tape, const Transposed& transposed, const Gradients& gradients,
                float* scratch) const;

 private:
  int64_t channels() const { return macro.net.outputs(); }
  int64_t skipped() const { return micro_time ? 1 : 0; }  // of `outside`, what only the micro drift sees
  void gather_micro(int64_t n, const float* z, const float* outside, float* x) const;
};

}  // namespace msde
