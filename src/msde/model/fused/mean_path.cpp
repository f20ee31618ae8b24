#include "msde/model/fused/mean_path.hpp"

#include <algorithm>
#include <memory>

#include "msde/model/fused/state_blocks.hpp"
#include "msde/tensor/plain_memory.hpp"

namespace msde {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Those of the states from `first` on, of lengths [states, n_steps], undefined: all alike.
const float* lengths_from(const torch::Tensor& lengths, int64_t first) {
  return lengths.defined() ? lengths.data_ptr<float>() + first * lengths.size(1) : nullptr;
}

// What a path is made from, contiguous float32.
struct PathInputs {
  torch::Tensor z0, outside, lengths;
};

// tape: [states, tape_width], null where no gradient is wanted.
torch::Tensor run(const Rk4PathKernel& path, const StateBlocks& blocks, const PathInputs& in, float* tape) {
  const auto &z0 = in.z0, &outside = in.outside;
  auto z = torch::empty({blocks.n_states, path.steps.n_frames, path.drift.n_z}, z0.options());
  const int64_t n_z = path.drift.n_z, of_outside = outside.size(1) * outside.size(2),
                of_path = path.steps.n_frames * n_z;
  const auto *from = z0.data_ptr<float>(), *around = outside.data_ptr<float>();
  auto* to = z.data_ptr<float>();
  blocks.for_each(path.scratch_size(blocks.per_block), [&](int64_t block, float* scratch) {
    const int64_t first = blocks.first(block);
    path.forward({blocks.in_block(block), from + first * n_z, around + first * of_outside,
                  lengths_from(in.lengths, first)},
                 to + first * of_path, tape == nullptr ? nullptr : tape + first * path.tape_width(), scratch);
  });
  return z;
}

struct PathFunction : torch::autograd::Function<PathFunction> {
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& z0, at::TensorList parameters,
                               const PathInputs* in, const FusedDrift* drift, const PathSteps* steps) {
    auto kept = c10::make_intrusive<Kept>(*drift, *steps, z0.size(0));
    kept->lengths = in->lengths;
    auto tape = torch::empty({z0.size(0) * kept->path.tape_width()}, z0.options());
    auto path = run(kept->path, kept->blocks, *in, tape.data_ptr<float>());
    variable_list saved = {tape};
    saved.insert(saved.end(), parameters.begin(), parameters.end());  // writes through them are noticed
    ctx->save_for_backward(saved);
    ctx->saved_data["kept"] = c10::IValue::make_capsule(std::move(kept));
    return path;
  }

  static variable_list backward(AutogradContext* ctx, variable_list upstream) {
    TORCH_CHECK(!torch::GradMode::is_enabled(), "rk4_path has no second derivative; use mean_path_by_steps");
    const auto saved = ctx->get_saved_variables();
    const auto kept = c10::static_intrusive_pointer_cast<Kept>(ctx->saved_data["kept"].toCapsule());
    const Rk4PathKernel& path = kept->path;
    const StateBlocks& blocks = kept->blocks;
    const int64_t n_z = path.drift.n_z, of_path = path.steps.n_frames * n_z, of_sum = path.gradient_size();
    const auto upstream_of_path = upstream[0].contiguous();
    const auto transposed = path.transposed_weights();
    auto z0_gradient = torch::empty({blocks.n_states, n_z}, upstream_of_path.options());
    auto sums = torch::zeros({blocks.n_blocks, of_sum}, upstream_of_path.options());
    auto *tape = saved[0].data_ptr<float>(), *parameters = sums.data_ptr<float>(),
         *to = z0_gradient.data_ptr<float>();
    const auto* from = upstream_of_path.data_ptr<float>();
    blocks.for_each(path.scratch_size(blocks.per_block), [&](int64_t block, float* scratch) {
      const int64_t first = blocks.first(block);
      path.backward(blocks.in_block(block), tape + first * path.tape_width(), transposed,
                    {from + first * of_path, to + first * n_z, parameters + block * of_sum,
                     lengths_from(kept->lengths, first)},
                    scratch);
    });
    variable_list gradients = {z0_gradient};
    for (auto& g : pieces_of(sums.sum(0), kept->drift.parameters)) gradients.push_back(std::move(g));
    gradients.resize(gradients.size() + 3);  // of in, drift, steps
    return gradients;
  }

 private:
  struct Kept : torch::CustomClassHolder {
    Kept(const FusedDrift& drift, PathSteps steps, int64_t n_states)
        : drift(drift), path{drift.kernel, steps}, blocks(drift.kernel, n_states) {}
    FusedDrift drift;
    Rk4PathKernel path;
    StateBlocks blocks;  // by which the tape is laid out
    torch::Tensor lengths;
  };
};

}  // namespace

torch::Tensor rk4_path(const FusedDrift& drift, const torch::Tensor& z0, const torch::Tensor& outside,
                       const PathSteps& steps, const torch::Tensor& lengths) {
  PathInputs in = {z0.contiguous(), outside.to(z0.scalar_type()).contiguous(), {}};
  if (lengths.defined()) in.lengths = lengths.to(z0.scalar_type()).contiguous();
  if (!torch::GradMode::is_enabled())
    return run({drift.kernel, steps}, StateBlocks(drift.kernel, in.z0.size(0)), in, nullptr);
  return PathFunction::apply(in.z0, at::TensorList(drift.parameters), &in, &drift, &steps);
}

torch::Tensor drift_values(const FusedDrift& drift, const torch::Tensor& z, const torch::Tensor& outside) {
  const DriftKernel& kernel = drift.kernel;
  const auto states = z.contiguous(), around = outside.to(z.scalar_type()).contiguous();
  auto d = torch::empty_like(states);
  const int64_t n_z = kernel.n_z, n_outside = kernel.n_outside, B = around.size(0);
  const StateBlocks blocks(kernel, states.numel() / n_z);
  const auto *from = states.data_ptr<float>(), *seen = around.data_ptr<float>();
  auto* to = d.data_ptr<float>();
  const int64_t most = blocks.per_block, own = most * n_outside, of_tape = most * kernel.tape_width();
  blocks.for_each(own + of_tape + kernel.scratch_size(most), [&](int64_t block, float* scratch) {
    const int64_t n = blocks.in_block(block), first = blocks.first(block);
    for (int64_t i = 0; i < n; ++i)
      std::copy_n(seen + (first + i) % B * n_outside, n_outside, scratch + i * n_outside);
    kernel.forward({n, from + first * n_z, scratch}, to + first * n_z, scratch + own,
                   scratch + own + of_tape);
  });
  return d;
}

}  // namespace msde
