#include "msde/model/fused/member_paths.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "msde/core/random/random.hpp"
#include "msde/kernels/room_for.hpp"
#include "msde/model/fused/state_blocks.hpp"

namespace msde {
namespace {

// What is drawn once for steps first .. first + count - 1: u, v as keyed_brownian_path has them, [count, M,
// 2, B, n_z].
struct Noise {
  int64_t first = 0, count = 0, per_step = 0, per_state = 0, B = 1;
  std::unique_ptr<float[]> values;

  void draw(uint64_t seed) {
    at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t k = begin; k < end; ++k)
        fill_normal({seed, Stream::ensemble, static_cast<uint64_t>(first + k)}, 0, per_step,
                    values.get() + k * per_step);
    });
  }
  // u of a state at a step; v lies B * per_state further on.
  const float* of(int64_t step, int64_t state) const {
    const int64_t m = state / B, b = state % B;
    return values.get() + (step - first) * per_step + (2 * m * B + b) * per_state;
  }
};

struct Members {
  const DriftKernel& drift;
  const MemberSteps& steps;
  StateBlocks blocks;
  int64_t B;

  // The state of a block before step noise.first -> after the last step of the noise; frames on the way into
  // path.
  void run_block(int64_t block, const Noise& noise, float* z_all, float* path) const {
    const int64_t n = blocks.in_block(block), n_z = drift.n_z(), size = n * n_z,
                  first = block * blocks.per_block, n_times = 2 * steps.n_steps();
    const auto memory =
        room_for(4 * size + n * (drift.n_outside + drift.tape_width()) + drift.scratch_size(n));
    float *H = memory.get(), *f0 = H + size, *f1 = f0 + size, *dz = f1 + size, *around = dz + size,
          *scratch = around + n * drift.n_outside, *tape = scratch + drift.scratch_size(n);
    float* z = z_all + first * n_z;
    const auto h = static_cast<float>(steps.h), root = std::sqrt(h), area = h * root / 2;
    const float third = 1 / std::sqrt(3.f);
    const auto* seen = steps.outside.data_ptr<float>();
    const auto* L = steps.dispersion.data_ptr<float>();
    const auto drift_at = [&](int64_t time, const float* state, float* f) {
      for (int64_t i = 0; i < n; ++i)
        std::copy_n(seen + ((first + i) % B * n_times + time) * drift.n_outside, drift.n_outside,
                    around + i * drift.n_outside);
      drift.forward(n, state, around, f, tape, scratch);
    };
    for (int64_t k = noise.first; k < noise.first + noise.count; ++k) {
      drift_at(2 * k, z, f0);
      for (int64_t i = 0; i < n; ++i) {
        const float *u = noise.of(k, first + i), *v = u + B * n_z;
        const float *L0 = L + ((first + i) % B * (steps.n_steps() + 1) + k) * n_z, *L1 = L0 + n_z;
        for (int64_t j = 0, at = i * n_z; j < n_z; ++j, ++at) {
          const float dZ = area * (u[j] + v[j] * third);
          H[at] = z[at] + .75f * h * f0[at] + 1.5f / h * L1[j] * dZ;
          dz[at] = L1[j] * root * u[j] + (L0[j] - L1[j]) / h * dZ;
        }
      }
      drift_at(2 * k + 1, H, f1);
      for (int64_t at = 0; at < size; ++at) z[at] += h * (f0[at] / 3 + 2 * f1[at] / 3) + dz[at];
      if ((k + 1) % steps.substeps == 0)
        for (int64_t i = 0; i < n; ++i)
          std::copy_n(z + i * n_z, n_z,
                      path + ((first + i) * steps.n_frames + (k + 1) / steps.substeps) * n_z);
    }
  }
};

}  // namespace

torch::Tensor member_paths(const DriftNetworks& drift, const torch::Tensor& z0, const MemberSteps& steps) {
  const int64_t M = z0.size(0), B = z0.size(1), n_z = z0.size(2);
  auto z = z0.to(torch::kFloat).contiguous().clone();
  auto path = torch::empty({M, B, steps.n_frames, n_z}, z.options());
  path.select(2, 0).copy_(z);
  if (steps.n_steps() == 0 || z.numel() == 0) return path;
  const Members members = {drift.rows, steps, StateBlocks(drift.rows, M * B), B};
  Noise noise;
  noise.per_state = n_z;
  noise.per_step = 2 * M * B * n_z;
  noise.B = B;
  const int64_t at_a_time = std::clamp<int64_t>(steps.noise_bytes / (4 * noise.per_step), 1, steps.n_steps());
  noise.values = room_for(at_a_time * noise.per_step);
  auto *state = z.data_ptr<float>(), *frames = path.data_ptr<float>();
  for (; noise.first < steps.n_steps(); noise.first += noise.count) {
    noise.count = std::min(at_a_time, steps.n_steps() - noise.first);
    noise.draw(steps.seed);
    at::parallel_for(0, members.blocks.n_blocks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; ++block) members.run_block(block, noise, state, frames);
    });
  }
  return path;
}

torch::Tensor drift_times(const MemberSteps& steps) {
  const auto begin = torch::arange(steps.n_steps(), torch::kDouble);
  return torch::stack({begin, begin + 0.75}, 1).reshape({-1}) * steps.h;
}

torch::Tensor step_times(const MemberSteps& steps) {
  return torch::arange(steps.n_steps() + 1, torch::kDouble) * steps.h;
}

}  // namespace msde
