#include "msde/kernels/sra1_path.hpp"

#include <algorithm>
#include <cmath>

#include "msde/core/numbers/runge_kutta.hpp"

namespace msde {

int64_t Sra1PathKernel::scratch_size(int64_t n) const {
  return n * (4 * drift.n_z + drift.n_outside + drift.tape_width()) + drift.scratch_size(n);
}

void Sra1PathKernel::advance(const Block& block, const Noise& noise, float* scratch) const {
  const int64_t n = block.n, n_z = drift.n_z, n_outside = drift.n_outside, size = n * n_z;
  const int64_t n_steps = steps.n_steps();
  float *H = scratch, *f0 = H + size, *f1 = f0 + size, *dz = f1 + size, *around = dz + size,
        *of_drift = around + n * n_outside, *tape = of_drift + drift.scratch_size(n);
  float* z = block.z;
  constexpr auto node = static_cast<float>(Sra1::node), of_noise = static_cast<float>(Sra1::noise);
  const float third = 1 / std::sqrt(3.f);
  const auto trajectory = [&](int64_t i) { return (block.first + i) % B; };
  const auto drift_at = [&](int64_t time, const float* state, float* f) {
    for (int64_t i = 0; i < n; ++i)
      std::copy_n(outside + (trajectory(i) * 2 * n_steps + time) * n_outside, n_outside,
                  around + i * n_outside);
    drift.forward({n, state, around}, f, tape, of_drift);
  };
  int64_t frame = 1;
  while (steps.end_of(frame) <= noise.first) ++frame;
  for (int64_t k = noise.first; k < noise.first + noise.count; ++k) {
    const auto length = [&](int64_t i) {
      return lengths == nullptr ? static_cast<float>(steps.h) : lengths[trajectory(i) * n_steps + k];
    };
    drift_at(2 * k, z, f0);
    for (int64_t i = 0; i < n; ++i) {
      const int64_t member = (block.first + i) / B;
      const float* u =
          noise.values + (k - noise.first) * noise.per_step + (2 * member * B + trajectory(i)) * n_z;
      const float* v = u + B * n_z;
      const float h = length(i), root = std::sqrt(h), area = h * root / 2;
      const float *L0 = dispersion + (trajectory(i) * (n_steps + 1) + k) * n_z, *L1 = L0 + n_z;
      for (int64_t j = 0, at = i * n_z; j < n_z; ++j, ++at) {
        const float dZ = area * (u[j] + v[j] * third);
        H[at] = z[at] + node * h * f0[at] + of_noise / h * L1[j] * dZ;
        dz[at] = L1[j] * root * u[j] + (L0[j] - L1[j]) / h * dZ;
      }
    }
    drift_at(2 * k + 1, H, f1);
    static_assert(Sra1::weight[0] == 1. / 3 && Sra1::weight[1] == 2. / 3);  // divided last: one rounding less
    for (int64_t i = 0; i < n; ++i) {
      const float h = length(i);
      for (int64_t at = i * n_z; at < (i + 1) * n_z; ++at)
        z[at] += h * (f0[at] / 3 + 2 * f1[at] / 3) + dz[at];
    }
    if (k + 1 != steps.end_of(frame)) continue;
    for (int64_t i = 0; i < n; ++i)
      std::copy_n(z + i * n_z, n_z, block.path + (i * steps.n_frames + frame) * n_z);
    ++frame;
  }
}

}  // namespace msde
