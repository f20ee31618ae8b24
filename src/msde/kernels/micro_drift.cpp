#include "msde/kernels/micro_drift.hpp"

#include <algorithm>

namespace msde {

void MicroDriftKernel::forward(const StateBlock& states, float* dz, float* tape, float* scratch) const {
  const auto [n, z, outside] = states;
  const auto [n_zeta, n_outside, before, rate] = layout_;
  float* x = tape;
  for (int64_t i = 0; i < n; ++i) {
    const float* seen = outside + i * n_outside;
    x = std::copy_n(seen, before, x);
    x = std::copy_n(z + i * n_z(), n_z(), x);
    x = std::copy_n(seen + before, net_.inputs() - n_z() - before, x);  // not what other terms see
  }
  net_.forward(n, tape, scratch, x, scratch + n * n_eta());
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k < n_eta(); ++k) dz[i * n_z() + n_zeta + k] += rate * scratch[i * n_eta() + k];
}

void MicroDriftKernel::backward(int64_t n, const float* tape, const Gradients& g, float* scratch) const {
  float *dx = scratch, *dy = dx + n * net_.inputs();
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k < n_eta(); ++k)
      dy[i * n_eta() + k] = layout_.rate * g.d[i * n_z() + layout_.n_zeta + k];
  net_.backward(n, tape, tape + n * net_.inputs(), {g.transposed_weights, dy, dx, g.parameters},
                dy + n * n_eta());
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k < n_z(); ++k)
      g.z_gradient[i * n_z() + k] += dx[i * net_.inputs() + layout_.before + k];
}

}  // namespace msde
