#include "msde/model/fused/mean_path.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <memory>

#include "msde/kernels/room_for.hpp"
#include "msde/model/fused/state_blocks.hpp"

namespace msde {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int kStages = 4;
constexpr float kNode[kStages] = {0, .5f, .5f, 1};                        // c_i; also a_(i, i-1)
constexpr float kWeight[kStages] = {1 / 6.f, 1 / 3.f, 1 / 3.f, 1 / 6.f};  // b_i
constexpr int64_t kHalfSteps[kStages] = {0, 1, 1, 2};                     // c_i in half steps

// One path op: sizes, and where each block of states keeps its tape.
struct Path : StateBlocks {
  Path(const DriftKernel& drift, const StateBlocks& blocks, const PathSteps& steps)
      : StateBlocks(blocks), drift(drift), steps(steps) {}

  int64_t tape_size() const { return n_states * steps.n_steps() * kStages * drift.tape_width(); }
  float* tape_of(float* tape, int64_t block, int64_t evaluation) const {
    const int64_t n = in_block(block), before = block * per_block * steps.n_steps() * kStages;
    return tape + (before + evaluation * n) * drift.tape_width();
  }

  // outside [B, times, n_outside] of a block at one time, contiguous.
  const float* outside_at(const torch::Tensor& outside, int64_t block, int64_t time, float* to) const {
    const auto* from = outside.data_ptr<float>();
    const int64_t times = outside.size(1), width = drift.n_outside;
    for (int64_t i = 0; i < in_block(block); ++i)
      std::copy_n(from + ((block * per_block + i) * times + time) * width, width, to + i * width);
    return to;
  }

  const DriftKernel& drift;
  const PathSteps& steps;
};

void add(int64_t n, float factor, const float* x, float* y) {
  for (int64_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

// z_(n+1) = z_n + h sum b_i k_i,  k_i = drift(z_n + h a_i k_(i-1)), a frame every `substeps` steps. Without a
// tape one evaluation's room is used again and again.
void run_block(const Path& p, int64_t block, const torch::Tensor& z0, const torch::Tensor& outside,
               float* tape, float* path) {
  const int64_t n = p.in_block(block), n_z = p.drift.n_z(), size = n * n_z;
  const auto h = static_cast<float>(p.steps.h);
  const int64_t without_tape = tape == nullptr ? p.drift.tape_width() : 0;
  const auto memory = room_for(4 * size + n * (p.drift.n_outside + without_tape) + p.drift.scratch_size(n));
  float *z = memory.get(), *next = z + size, *stage = next + size, *k = stage + size, *around = k + size,
        *scratch = around + n * p.drift.n_outside, *room = scratch + p.drift.scratch_size(n);
  std::copy_n(z0.data_ptr<float>() + block * p.per_block * n_z, size, z);
  const auto keep_frame = [&](int64_t frame) {
    for (int64_t i = 0; i < n; ++i)
      std::copy_n(z + i * n_z, n_z, path + ((block * p.per_block + i) * p.steps.n_frames + frame) * n_z);
  };
  keep_frame(0);
  for (int64_t step = 0; step < p.steps.n_steps(); ++step) {
    std::copy_n(z, size, next);
    for (int i = 0; i < kStages; ++i) {
      std::copy_n(z, size, stage);
      if (i > 0) add(size, h * kNode[i], k, stage);
      p.drift.forward(n, stage, p.outside_at(outside, block, 2 * step + kHalfSteps[i], around), k,
                      tape == nullptr ? room : p.tape_of(tape, block, step * kStages + i), scratch);
      add(size, h * kWeight[i], k, next);
    }
    std::copy_n(next, size, z);
    if ((step + 1) % p.steps.substeps == 0) keep_frame((step + 1) / p.steps.substeps);
  }
}

// lambda_n = lambda_(n+1) + sum_i w_i,  w_i = J_i^T (h b_i lambda_(n+1) + h a_(i+1) w_(i+1)): the transpose
// of run_block, last step first.
void pull_back_block(const Path& p, const DriftKernel::Transposed& transposed, int64_t block, float* tape,
                     const float* upstream, float* z0_gradient, float* parameters) {
  const int64_t n = p.in_block(block), n_z = p.drift.n_z(), size = n * n_z;
  const auto h = static_cast<float>(p.steps.h);
  const auto memory = room_for(4 * size + p.drift.scratch_size(n));
  float *lambda = memory.get(), *sum = lambda + size, *d = sum + size, *w = d + size, *scratch = w + size;
  const auto add_frame = [&](int64_t frame) {
    for (int64_t i = 0; i < n; ++i)
      add(n_z, 1, upstream + ((block * p.per_block + i) * p.steps.n_frames + frame) * n_z, lambda + i * n_z);
  };
  std::fill_n(lambda, size, 0.f);
  add_frame(p.steps.n_frames - 1);
  for (int64_t step = p.steps.n_steps(); step-- > 0;) {
    std::copy_n(lambda, size, sum);
    for (int i = kStages; i-- > 0;) {
      for (int64_t j = 0; j < size; ++j)
        d[j] = h * kWeight[i] * lambda[j] + (i + 1 < kStages ? h * kNode[i + 1] * w[j] : 0);
      std::fill_n(w, size, 0.f);
      p.drift.backward(n, p.tape_of(tape, block, step * kStages + i), transposed, {d, w, parameters},
                       scratch);
      add(size, 1, w, sum);
    }
    std::copy_n(sum, size, lambda);
    if (step % p.steps.substeps == 0) add_frame(step / p.steps.substeps);
  }
  std::copy_n(lambda, size, z0_gradient + block * p.per_block * n_z);
}

torch::Tensor run(const Path& p, const torch::Tensor& z0, const torch::Tensor& outside, float* tape) {
  auto path = torch::empty({p.n_states, p.steps.n_frames, p.drift.n_z()}, z0.options());
  auto* frames = path.data_ptr<float>();
  at::parallel_for(0, p.n_blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) run_block(p, block, z0, outside, tape, frames);
  });
  return path;
}

struct PathFunction : torch::autograd::Function<PathFunction> {
  static torch::Tensor forward(AutogradContext* ctx, const torch::Tensor& z0, at::TensorList parameters,
                               const torch::Tensor& outside, std::shared_ptr<const DriftNetworks> drift,
                               PathSteps steps) {
    const StateBlocks blocks(drift->rows, z0.size(0));
    const Path p(drift->rows, blocks, steps);
    auto tape = torch::empty({p.tape_size()}, z0.options());
    auto path = run(p, z0, outside, tape.data_ptr<float>());
    variable_list saved = {tape};
    saved.insert(saved.end(), parameters.begin(), parameters.end());  // writes through them are noticed
    ctx->save_for_backward(saved);
    ctx->saved_data["drift"] =
        c10::IValue::make_capsule(c10::make_intrusive<Kept>(std::move(drift), blocks, steps));
    return path;
  }

  static variable_list backward(AutogradContext* ctx, variable_list upstream) {
    TORCH_CHECK(!torch::GradMode::is_enabled(), "rk4_path has no second derivative; use roll_out_by_steps");
    const auto saved = ctx->get_saved_variables();
    const auto kept = c10::static_intrusive_pointer_cast<Kept>(ctx->saved_data["drift"].toCapsule());
    const auto& drift = *kept->drift;
    const auto path = upstream[0].contiguous();
    const Path p(drift.rows, kept->blocks, kept->steps);
    const int64_t n_parameters = drift.rows.gradient_size();
    const auto transposed = drift.rows.transposed_weights();
    auto z0_gradient = torch::empty({p.n_states, drift.rows.n_z()}, path.options());
    auto sums = torch::zeros({p.n_blocks, n_parameters}, path.options());
    auto *tape = saved[0].data_ptr<float>(), *parameters = sums.data_ptr<float>(),
         *to = z0_gradient.data_ptr<float>();
    const auto* from = path.data_ptr<float>();
    at::parallel_for(0, p.n_blocks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; ++block)
        pull_back_block(p, transposed, block, tape, from, to, parameters + block * n_parameters);
    });
    const auto total = sums.sum(0);
    variable_list gradients = {z0_gradient};
    int64_t start = 0;
    for (const auto* net : {&drift.macro, &drift.micro}) {
      for (auto& g : parameter_gradients(*net, total.narrow(0, start, total.numel() - start))) {
        start += g.numel();
        gradients.push_back(std::move(g));
      }
    }
    gradients.resize(gradients.size() + 3);  // of outside, drift, steps
    return gradients;
  }

 private:
  struct Kept : torch::CustomClassHolder {
    Kept(std::shared_ptr<const DriftNetworks> drift, const StateBlocks& blocks, PathSteps steps)
        : drift(std::move(drift)), blocks(blocks), steps(steps) {}
    std::shared_ptr<const DriftNetworks> drift;
    StateBlocks blocks;  // by which the tape is laid out
    PathSteps steps;
  };
};

}  // namespace

torch::Tensor rk4_path(const DriftNetworks& drift, const torch::Tensor& z0, const torch::Tensor& outside,
                       const PathSteps& steps) {
  const auto first = z0.contiguous(), around = outside.to(z0.scalar_type()).contiguous();
  if (!torch::GradMode::is_enabled())
    return run(Path(drift.rows, StateBlocks(drift.rows, first.size(0)), steps), first, around, nullptr);
  std::vector<torch::Tensor> parameters = drift.macro.tensors;
  parameters.insert(parameters.end(), drift.micro.tensors.begin(), drift.micro.tensors.end());
  return PathFunction::apply(first, at::TensorList(parameters), around,
                             std::make_shared<const DriftNetworks>(drift), steps);
}

torch::Tensor drift_values(const DriftNetworks& drift, const torch::Tensor& z, const torch::Tensor& outside) {
  const DriftKernel& rows = drift.rows;
  const auto states = z.contiguous(), around = outside.to(z.scalar_type()).contiguous();
  auto d = torch::empty_like(states);
  const int64_t n_z = rows.n_z(), n_outside = rows.n_outside, B = around.size(0);
  const StateBlocks blocks(rows, states.numel() / n_z);
  const auto *from = states.data_ptr<float>(), *seen = around.data_ptr<float>();
  auto* to = d.data_ptr<float>();
  at::parallel_for(0, blocks.n_blocks, 1, [&](int64_t begin, int64_t end) {
    const auto memory =
        room_for(blocks.per_block * (n_outside + rows.tape_width()) + rows.scratch_size(blocks.per_block));
    float *own = memory.get(), *scratch = own + blocks.per_block * n_outside,
          *tape = scratch + rows.scratch_size(blocks.per_block);
    for (int64_t block = begin; block < end; ++block) {
      const int64_t n = blocks.in_block(block), first = block * blocks.per_block;
      for (int64_t i = 0; i < n; ++i)
        std::copy_n(seen + (first + i) % B * n_outside, n_outside, own + i * n_outside);
      rows.forward(n, from + first * n_z, own, to + first * n_z, tape, scratch);
    }
  });
  return d;
}

}  // namespace msde
