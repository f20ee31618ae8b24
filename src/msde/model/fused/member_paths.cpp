#include "msde/model/fused/member_paths.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <memory>

#include "msde/core/numbers/runge_kutta.hpp"
#include "msde/core/random/random.hpp"
#include "msde/kernels/room_for.hpp"
#include "msde/model/fused/state_blocks.hpp"

namespace msde {

torch::Tensor member_paths(const FusedDrift& drift, const torch::Tensor& z0, const MemberSteps& of) {
  const int64_t M = z0.size(0), B = z0.size(1), n_z = z0.size(2), n_steps = of.steps.n_steps();
  auto z = z0.to(torch::kFloat).contiguous().clone();
  auto path = torch::empty({M, B, of.steps.n_frames, n_z}, z.options());
  path.select(2, 0).copy_(z);
  if (n_steps == 0 || z.numel() == 0) return path;
  const Sra1PathKernel members = {drift.kernel,
                                  of.steps,
                                  B,
                                  of.outside.data_ptr<float>(),
                                  of.dispersion.data_ptr<float>(),
                                  of.lengths.defined() ? of.lengths.data_ptr<float>() : nullptr};
  const StateBlocks blocks(drift.kernel, M * B);
  const int64_t per_step = 2 * M * B * n_z, of_path = of.steps.n_frames * n_z;
  const int64_t at_a_time = std::clamp<int64_t>(of.noise_bytes / (4 * per_step), 1, n_steps);
  const auto values = room_for(at_a_time * per_step);
  auto *states = z.data_ptr<float>(), *frames = path.data_ptr<float>();
  for (int64_t first = 0; first < n_steps; first += at_a_time) {
    const Sra1PathKernel::Noise noise = {first, std::min(at_a_time, n_steps - first), per_step, values.get()};
    at::parallel_for(0, noise.count, 1, [&](int64_t begin, int64_t end) {  // as keyed_brownian_path has them
      for (int64_t k = begin; k < end; ++k)
        fill_normal({of.seed, Stream::ensemble, static_cast<uint64_t>(first + k)}, 0, per_step,
                    values.get() + k * per_step);
    });
    blocks.for_each(members.scratch_size(blocks.per_block), [&](int64_t block, float* scratch) {
      const int64_t begin = blocks.first(block);
      members.advance({begin, blocks.in_block(block), states + begin * n_z, frames + begin * of_path}, noise,
                      scratch);
    });
  }
  return path;
}

torch::Tensor drift_times(const PathSteps& steps) {
  const auto begin = torch::arange(steps.n_steps(), torch::kDouble);
  return torch::stack({begin, begin + Sra1::node}, 1).reshape({-1}) * steps.h;
}

torch::Tensor step_times(const PathSteps& steps) {
  return torch::arange(steps.n_steps() + 1, torch::kDouble) * steps.h;
}

}  // namespace msde
