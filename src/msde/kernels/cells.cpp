#include "msde/kernels/cells.hpp"

#include <algorithm>

namespace msde {
namespace {

constexpr int64_t kBlockRows = 128;  // of the network at a time: their activations stay in the cache

}  // namespace

int64_t CellsKernel::most_states() const {
  return std::max<int64_t>(1, kBlockRows / cells);
}

int64_t CellsKernel::states_at_a_time(int64_t n) const {
  const int64_t blocks = (n + most_states() - 1) / most_states();
  return (n + blocks - 1) / blocks;  // as even as can be
}

int64_t CellsKernel::scratch_size(int64_t) const {
  const int64_t rows = most_states() * cells;
  return rows * net.inputs() + net.scratch_size(rows);
}

void CellsKernel::forward(int64_t n, const float* z, const float* shared, int64_t shared_stride, float* y,
                          float* tape, float* scratch) const {
  const int64_t width = stencil_width(), most = states_at_a_time(n);
  for (int64_t first = 0; first < n; first += most) {
    const int64_t count = std::min(most, n - first);
    float* x = tape;
    for (int64_t i = 0; i < count; ++i, z += n_z(), shared += shared_stride) {
      const int32_t* place = stencil.data();
      for (int64_t cell = 0; cell < cells; ++cell) {
        for (int64_t s = 0; s < width; ++s) *x++ = z[*place++];
        x = std::copy_n(always.data() + cell * n_always(), n_always(), x);
        x = std::copy_n(z + n_zeta, n_eta, x);
        x = std::copy_n(shared, n_shared, x);
      }
    }
    net.forward(count * cells, tape, y, x, scratch);
    y += count * outputs();
    tape += count * tape_width();
  }
}

void CellsKernel::backward(int64_t n, const float* tape, const Gradients& gradients, float* scratch) const {
  const int64_t width = stencil_width(), most = states_at_a_time(n);
  const float* dy = gradients.dy;
  float *dx = scratch, *rest = scratch + most * cells * net.inputs(), *to = gradients.z_gradient;
  for (int64_t first = 0; first < n; first += most) {
    const int64_t count = std::min(most, n - first), rows = count * cells;
    net.backward(rows, tape, tape + rows * net.inputs(),
                 {gradients.transposed_weights, dy, dx, gradients.parameters}, rest);
    const float* d = dx;
    for (int64_t i = 0; i < count; ++i, to += n_z()) {
      const int32_t* place = stencil.data();
      for (int64_t cell = 0; cell < cells; ++cell, d += net.inputs()) {
        for (int64_t s = 0; s < width; ++s) to[*place++] += d[s];
        for (int64_t k = 0; k < n_eta; ++k) to[n_zeta + k] += d[width + n_always() + k];
      }
    }
    dy += count * outputs();
    tape += count * tape_width();
  }
}

}  // namespace msde
