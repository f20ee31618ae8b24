#include "msde/model/drift_rows.hpp"

#include <algorithm>
#include <bit>

namespace msde {
namespace {

constexpr int64_t kBlockRows = 128;  // rows of the macro network in a block

}  // namespace

StateBlocks::StateBlocks(const DriftRows& drift, int64_t n_states)
    : n_states(n_states),
      per_block(static_cast<int64_t>(
          std::bit_floor(static_cast<uint64_t>(std::max<int64_t>(1, kBlockRows / drift.cells))))),
      n_blocks((n_states + per_block - 1) / per_block) {}

int64_t DriftRows::tape_width() const {
  const int64_t macro_width = cells * (macro.inputs() + macro.tape_width());
  return macro_width + (n_eta > 0 ? micro.inputs() + micro.tape_width() : 0);
}

int64_t DriftRows::scratch_width() const {
  // The networks' own, and before it outputs or gradients of inputs and outputs.
  const int64_t macro_width = cells * (macro.inputs() + channels + macro.scratch_width());
  return std::max(macro_width, n_eta > 0 ? micro.inputs() + n_eta + micro.scratch_width() : 0);
}

int64_t DriftRows::gradient_size() const {
  return macro.gradient_size() + (n_eta > 0 ? micro.gradient_size() : 0);
}

void DriftRows::gather_macro(int64_t n, const float* z, const float* outside, float* x) const {
  const int64_t width = stencil_width(), skip = micro_time ? 1 : 0;
  for (int64_t i = 0; i < n; ++i, z += n_z(), outside += n_outside) {
    const int32_t* place = stencil.data();
    for (int64_t cell = 0; cell < cells; ++cell) {
      for (int64_t s = 0; s < width; ++s) *x++ = z[*place++];
      x = std::copy_n(z + n_zeta(), n_eta, x);
      x = std::copy_n(outside + skip, n_outside - skip, x);
    }
  }
}

void DriftRows::gather_micro(int64_t n, const float* z, const float* outside, float* x) const {
  const int64_t skip = micro_time ? 1 : 0;
  for (int64_t i = 0; i < n; ++i, z += n_z(), outside += n_outside) {
    x = std::copy_n(outside, skip, x);
    x = std::copy_n(z, n_z(), x);
    x = std::copy_n(outside + skip, n_outside - skip, x);
  }
}

void DriftRows::forward(int64_t n, const float* z, const float* outside, float* dz, float* tape,
                        float* scratch) const {
  float* x = tape;
  tape += n * cells * macro.inputs();
  gather_macro(n, z, outside, x);
  macro.forward(n * cells, x, scratch, tape, scratch + n * cells * channels);
  tape += n * cells * macro.tape_width();
  for (int64_t i = 0; i < n; ++i)
    for (int64_t cell = 0; cell < cells; ++cell)
      for (int64_t c = 0; c < channels; ++c)
        dz[i * n_z() + c * cells + cell] = rate * scratch[(i * cells + cell) * channels + c];
  if (n_eta == 0) return;

  x = tape;
  tape += n * micro.inputs();
  gather_micro(n, z, outside, x);
  micro.forward(n, x, scratch, tape, scratch + n * n_eta);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k < n_eta; ++k) dz[i * n_z() + n_zeta() + k] = rate * scratch[i * n_eta + k];
}

DriftRows::Transposed DriftRows::transposed_weights() const {
  return {macro.transposed_weights(), n_eta > 0 ? micro.transposed_weights() : std::vector<float>()};
}

void DriftRows::backward(int64_t n, const float* tape, const Transposed& transposed,
                         const Gradients& gradients, float* scratch) const {
  const auto [d, z_gradient, parameters] = gradients;
  const int64_t width = stencil_width(), rows = n * cells;
  float *dx = scratch, *dy = dx + rows * macro.inputs();
  for (int64_t i = 0; i < n; ++i)
    for (int64_t cell = 0; cell < cells; ++cell)
      for (int64_t c = 0; c < channels; ++c)
        dy[(i * cells + cell) * channels + c] = rate * d[i * n_z() + c * cells + cell];
  const float* x = tape;
  tape += rows * macro.inputs();
  macro.backward(rows, x, tape, {transposed.macro.data(), dy, dx, parameters}, dy + rows * channels);
  tape += rows * macro.tape_width();
  for (int64_t i = 0; i < n; ++i) {
    float* to = z_gradient + i * n_z();
    const int32_t* place = stencil.data();
    for (int64_t cell = 0; cell < cells; ++cell, dx += macro.inputs()) {
      for (int64_t s = 0; s < width; ++s) to[*place++] += dx[s];
      for (int64_t k = 0; k < n_eta; ++k) to[n_zeta() + k] += dx[width + k];
    }
  }
  if (n_eta == 0) return;

  dx = scratch, dy = dx + n * micro.inputs();
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k < n_eta; ++k) dy[i * n_eta + k] = rate * d[i * n_z() + n_zeta() + k];
  x = tape;
  tape += n * micro.inputs();
  micro.backward(n, x, tape, {transposed.micro.data(), dy, dx, parameters + macro.gradient_size()},
                 dy + n * n_eta);
  const int64_t skip = micro_time ? 1 : 0;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k < n_z(); ++k) z_gradient[i * n_z() + k] += dx[i * micro.inputs() + skip + k];
}

}  // namespace msde
