#include "msde/kernels/rk4_path.hpp"

#include <algorithm>

#include "msde/core/numbers/runge_kutta.hpp"

namespace msde {
namespace {

using Method = ClassicalRungeKutta;

float node(int i) {
  return static_cast<float>(Method::node[i]);
}
float weight(int i) {
  return static_cast<float>(Method::weight[i]);
}

void add(int64_t n, float factor, const float* x, float* y) {
  for (int64_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

// The lengths of one step, of all rows alike or [n, n_steps].
struct Lengths {
  float same;
  const float* each;
  int64_t n_steps, step;

  float of(int64_t row) const { return each == nullptr ? same : each[row * n_steps + step]; }
};

// y += h factor x,  [n, width]
void add_scaled(int64_t n, int64_t width, const Lengths& h, float factor, const float* x, float* y) {
  if (h.each == nullptr) return add(n * width, h.same * factor, x, y);
  for (int64_t i = 0; i < n; ++i) add(width, h.of(i) * factor, x + i * width, y + i * width);
}

}  // namespace

int64_t Rk4PathKernel::evaluations() const {
  return steps.n_steps() * Method::stages;
}

int64_t Rk4PathKernel::tape_width() const {
  return evaluations() * drift.tape_width();
}

int64_t Rk4PathKernel::scratch_size(int64_t n) const {
  return n * (4 * drift.n_z + drift.n_outside + drift.tape_width()) + drift.scratch_size(n);
}

void Rk4PathKernel::forward(const Block& block, float* path, float* tape, float* scratch) const {
  const int64_t n = block.n, n_z = drift.n_z, n_outside = drift.n_outside, size = n * n_z;
  const int64_t n_steps = steps.n_steps(), times = 2 * n_steps + 1;
  float *z = scratch, *next = z + size, *stage = next + size, *k = stage + size, *around = k + size,
        *of_drift = around + n * n_outside, *room = of_drift + drift.scratch_size(n);
  const auto keep_frame = [&](int64_t frame) {
    for (int64_t i = 0; i < n; ++i) std::copy_n(z + i * n_z, n_z, path + (i * steps.n_frames + frame) * n_z);
  };
  const auto outside_at = [&](int64_t time) {
    for (int64_t i = 0; i < n; ++i)
      std::copy_n(block.outside + (i * times + time) * n_outside, n_outside, around + i * n_outside);
    return around;
  };
  std::copy_n(block.z0, size, z);
  keep_frame(0);
  int64_t frame = 1;
  for (int64_t step = 0; step < n_steps; ++step) {
    const Lengths h = {static_cast<float>(steps.h), block.h, n_steps, step};
    std::copy_n(z, size, next);
    for (int i = 0; i < Method::stages; ++i) {
      std::copy_n(z, size, stage);
      if (i > 0) add_scaled(n, n_z, h, node(i), k, stage);
      drift.forward({n, stage, outside_at(2 * step + Method::half_steps[i])}, k,
                    tape == nullptr ? room : tape, of_drift);
      if (tape != nullptr) tape += n * drift.tape_width();
      add_scaled(n, n_z, h, weight(i), k, next);
    }
    std::copy_n(next, size, z);
    if (step + 1 == steps.end_of(frame)) keep_frame(frame++);
  }
}

void Rk4PathKernel::backward(int64_t n, const float* tape, const DriftKernel::Transposed& transposed,
                             const Gradients& gradients, float* scratch) const {
  const int64_t n_z = drift.n_z, size = n * n_z, n_steps = steps.n_steps();
  float *lambda = scratch, *sum = lambda + size, *d = sum + size, *w = d + size, *of_drift = w + size;
  const auto add_frame = [&](int64_t frame) {
    for (int64_t i = 0; i < n; ++i)
      add(n_z, 1, gradients.upstream + (i * steps.n_frames + frame) * n_z, lambda + i * n_z);
  };
  tape += evaluations() * n * drift.tape_width();
  std::fill_n(lambda, size, 0.f);
  int64_t frame = steps.n_frames - 1;
  add_frame(frame--);
  for (int64_t step = n_steps; step-- > 0;) {
    const Lengths h = {static_cast<float>(steps.h), gradients.h, n_steps, step};
    std::copy_n(lambda, size, sum);
    for (int i = Method::stages; i-- > 0;) {
      const bool last = i + 1 == Method::stages;
      const auto make_d = [&](int64_t first, int64_t count, float length) {
        for (int64_t j = first; j < first + count; ++j)
          d[j] = length * weight(i) * lambda[j] + (last ? 0 : length * node(i + 1) * w[j]);
      };
      if (h.each == nullptr) make_d(0, size, h.same);
      for (int64_t row = 0; h.each != nullptr && row < n; ++row) make_d(row * n_z, n_z, h.of(row));
      std::fill_n(w, size, 0.f);
      tape -= n * drift.tape_width();
      drift.backward(n, tape, transposed, {d, w, gradients.parameters}, of_drift);
      add(size, 1, w, sum);
    }
    std::copy_n(sum, size, lambda);
    if (step == steps.end_of(frame)) add_frame(frame--);
  }
  std::copy_n(lambda, size, gradients.z0_gradient);
}

}  // namespace msde
