#include "msde/kernels/drift.hpp"

#include <algorithm>

namespace msde {

int64_t DriftKernel::tape_width() const {
  return macro.tape_width() + (macro.n_eta > 0 ? micro.inputs() + micro.tape_width() : 0);
}

int64_t DriftKernel::scratch_size(int64_t n) const {
  // The networks' own, and before it outputs or gradients of inputs and outputs.
  const int64_t of_micro = macro.n_eta > 0 ? micro.inputs() + macro.n_eta + micro.scratch_width() : 0;
  return std::max(n * macro.outputs() + macro.scratch_size(), n * of_micro);
}

int64_t DriftKernel::gradient_size() const {
  return macro.net.gradient_size() + (macro.n_eta > 0 ? micro.gradient_size() : 0);
}

void DriftKernel::gather_micro(int64_t n, const float* z, const float* outside, float* x) const {
  for (int64_t i = 0; i < n; ++i, z += n_z(), outside += n_outside) {
    x = std::copy_n(outside, skipped(), x);
    x = std::copy_n(z, n_z(), x);
    x = std::copy_n(outside + skipped(), n_outside - skipped(), x);
  }
}

void DriftKernel::forward(int64_t n, const float* z, const float* outside, float* dz, float* tape,
                        float* scratch) const {
  const int64_t cells = macro.cells, n_eta = macro.n_eta;
  float* y = scratch;
  macro.forward(n, z, outside + skipped(), n_outside, y, tape, scratch + n * macro.outputs());
  tape += n * macro.tape_width();
  for (int64_t i = 0; i < n; ++i)
    for (int64_t cell = 0; cell < cells; ++cell)
      for (int64_t c = 0; c < channels(); ++c) dz[i * n_z() + c * cells + cell] = rate * *y++;
  if (n_eta == 0) return;

  float* x = tape;
  tape += n * micro.inputs();
  gather_micro(n, z, outside, x);
  micro.forward(n, x, scratch, tape, scratch + n * n_eta);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k < n_eta; ++k) dz[i * n_z() + macro.n_zeta + k] = rate * scratch[i * n_eta + k];
}

DriftKernel::Transposed DriftKernel::transposed_weights() const {
  return {macro.transposed_weights(), macro.n_eta > 0 ? micro.transposed_weights() : std::vector<float>()};
}

void DriftKernel::backward(int64_t n, const float* tape, const Transposed& transposed,
                         const Gradients& gradients, float* scratch) const {
  const auto [d, z_gradient, parameters] = gradients;
  const int64_t cells = macro.cells, n_eta = macro.n_eta;
  float* dy = scratch;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t cell = 0; cell < cells; ++cell)
      for (int64_t c = 0; c < channels(); ++c) *dy++ = rate * d[i * n_z() + c * cells + cell];
  macro.backward(n, tape, {transposed.macro.data(), scratch, z_gradient, parameters},
                 scratch + n * macro.outputs());
  tape += n * macro.tape_width();
  if (n_eta == 0) return;

  float* dx = scratch;
  dy = dx + n * micro.inputs();
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k < n_eta; ++k) dy[i * n_eta + k] = rate * d[i * n_z() + macro.n_zeta + k];
  const float* x = tape;
  tape += n * micro.inputs();
  micro.backward(n, x, tape, {transposed.micro.data(), dy, dx, parameters + macro.net.gradient_size()},
                 dy + n * n_eta);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k < n_z(); ++k) z_gradient[i * n_z() + k] += dx[i * micro.inputs() + skipped() + k];
}

}  // namespace msde
