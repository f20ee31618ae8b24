#include "msde/model/fused/window_elbo.hpp"

#include <ATen/Parallel.h>

#include <utility>

#include "msde/kernels/room_for.hpp"
#include "msde/model/positive.hpp"
#include "msde/tensor/plain_memory.hpp"
#include "msde/tensor/ranks/share.hpp"
#include "msde/tensor/threads.hpp"

namespace msde {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Gradients = WindowElboKernel::Gradients;

// What the operation is differentiable by, and where the gradient of each goes: the one list of both.
struct Inputs {
  struct Input {
    float* Gradients::*gradient;
    std::vector<torch::Tensor> tensors;
  };
  std::vector<Input> list;

  std::vector<torch::Tensor> all() const {
    std::vector<torch::Tensor> tensors;
    for (const auto& input : list) tensors.insert(tensors.end(), input.tensors.begin(), input.tensors.end());
    return tensors;
  }
};

// The windows' data, [B, W, ..] contiguous.
struct Windows {
  torch::Tensor inputs, a, off_norm2, likelihood_noise, drift_noise, outside;
  // Of windows whose nodes are not equally spaced, else undefined: [B, 2, W, W] of each the operators, and [B, W].
  torch::Tensor operators = {}, weights = {};
  torch::Tensor seen = {};  // [B, W]
  int64_t count() const { return a.size(0); }
  WindowElboKernel::Window window(int64_t b) const {
    const auto at = [b](const torch::Tensor& x) {
      return x.defined() && x.numel() > 0 ? x.data_ptr<float>() + b * x.stride(0) : nullptr;
    };
    const float* value = at(operators);
    return {at(inputs),      at(a),       at(off_norm2), at(likelihood_noise),
            at(drift_noise), at(outside), value,         value ? value + operators.stride(1) : nullptr,
            at(weights),     at(seen)};
  }
};

struct Problem {
  WindowElboKernel kernel;
  Inputs in;
  Windows windows;
};

// Room for all of Gradients: those of the inputs, then those on the way to them.
int64_t gradient_size(const Problem& p) {
  return size_of(p.in.all()) + 2 * p.kernel.d() + 1;
}

Gradients gradients_in(const Problem& p, float* flat) {
  const auto next = [&](int64_t size) { return std::exchange(flat, flat + size); };
  Gradients g;
  for (const auto& [gradient, tensors] : p.in.list) g.*gradient = next(size_of(tensors));
  g.std = next(p.kernel.d());
  g.A = next(p.kernel.d());
  g.P = next(1);
  return g;
}

struct Evaluated {
  WindowElboKernel::Terms terms;
  torch::Tensor gradient;  // flat
};

// Means over windows, groups of them in parallel.
Evaluated evaluate(const Problem& p) {
  const int64_t B = p.windows.count(), groups = groups_of(B);
  const WindowElboKernel::Prepared prepared(p.kernel);
  auto gradients = torch::zeros({groups, gradient_size(p)}, torch::kFloat);
  auto of_operators =
      torch::zeros_like(p.windows.operators.defined() ? p.windows.operators : torch::empty({0}));
  std::vector<WindowElboKernel::Terms> terms(static_cast<size_t>(groups));
  at::parallel_for(0, groups, 1, [&](int64_t begin, int64_t end) {
    const auto memory = room_for(p.kernel.scratch_size());
    for (int64_t k = begin; k < end; ++k) {
      auto to = gradients_in(p, gradients.data_ptr<float>() + k * gradients.size(1));
      const Share share = Ranks{k, groups}.share(B);
      for (int64_t b = share.first; b < share.first + share.count; ++b) {
        if (p.windows.operators.defined()) {
          to.value = of_operators.data_ptr<float>() + b * of_operators.stride(0);
          to.derivative = to.value + of_operators.stride(1);
        }
        p.kernel.add_window(p.windows.window(b), 1 / static_cast<float>(B), prepared,
                            terms[static_cast<size_t>(k)], to, memory.get());
      }
    }
  });
  Evaluated e = {{}, groups == 1 ? gradients[0] : gradients.sum(0)};
  for (const auto& t : terms) e.terms.add(t);
  p.kernel.add_shared(prepared, e.terms, gradients_in(p, e.gradient.data_ptr<float>()));
  if (p.windows.operators.defined())
    e.gradient = torch::cat({e.gradient.narrow(0, 0, size_of(p.in.all())), of_operators.flatten()});
  return e;
}

struct ElboFunction : torch::autograd::Function<ElboFunction> {
  static torch::Tensor forward(AutogradContext* ctx, at::TensorList inputs, const Problem* problem,
                               WindowElboKernel::Terms* terms) {
    const auto evaluated = evaluate(*problem);
    variable_list saved = {evaluated.gradient};
    saved.insert(saved.end(), inputs.begin(), inputs.end());
    ctx->save_for_backward(saved);
    *terms = evaluated.terms;
    const auto& t = *terms;
    return torch::full({}, t.macro_residual + t.micro_correlation + t.micro_norm + t.log_determinant +
                               t.constant - problem->kernel.beta * (t.drift_residual + t.kl_initial));
  }

  static variable_list backward(AutogradContext* ctx, variable_list upstream) {
    TORCH_CHECK(!torch::GradMode::is_enabled(), "the fused ELBO has no second derivative");
    const auto saved = ctx->get_saved_variables();
    auto gradients = pieces_of(saved[0] * upstream[0], at::TensorList(saved).slice(1));
    gradients.resize(gradients.size() + 2);  // of problem, terms
    return gradients;
  }
};

// The tensor, contiguous, and where its values are.
const float* view(torch::Tensor& x) {
  x = x.contiguous();
  return x.data_ptr<float>();
}

}  // namespace

FusedElbo window_elbo(const MultiscaleModel& model, const ScaleMatrices& maps, const FusedParts& parts,
                      const FusedWindows& batch) {
  const int64_t B = batch.a.size(0), W = batch.a.size(1);
  const bool equal = !batch.times.defined();
  const auto gp = equal ? model->posterior->operators(W, batch.dt) : model->posterior->operators(batch.times);
  const auto variances = model->decoder->variances();
  auto separation = torch::cat({maps.restriction.t(), maps.smooth.t()}), prolongation = maps.prolongation,
       value = gp.value, derivative = gp.derivative, s = model->encoder->variance(),
       L2 = model->dispersion->diagonal(batch.t.unsqueeze(-1)).square(), initial_mean = model->initial_mean,
       initial_var = to_positive(model->initial_raw);

  Problem p;
  WindowElboKernel& kernel = p.kernel;
  kernel.encoder = parts.encoder.kernel;
  kernel.decoder = parts.decoder.kernel;
  kernel.drift = parts.drift.kernel;
  kernel.W = W;
  kernel.encoder.separation = view(separation);
  kernel.decoder.prolongation = view(prolongation);
  kernel.decoder.restriction = kernel.encoder.separation;  // its first rows
  if (equal) kernel.value = view(value), kernel.derivative = view(derivative);
  kernel.s = view(s);
  kernel.L2 = view(L2);
  kernel.initial_mean = view(initial_mean);
  kernel.initial_var = view(initial_var);
  kernel.macro_variance = variances.macro.item<float>();
  kernel.micro_variance = variances.micro.item<float>();
  kernel.duration = static_cast<float>(batch.dt * static_cast<double>(W - 1));
  kernel.beta = static_cast<float>(batch.beta);
  kernel.n_y = model->spec().grid.fluid_size();
  p.in.list = {{&Gradients::separation, {separation}},
               {&Gradients::prolongation, {prolongation}},
               {&Gradients::s, {s}},
               {&Gradients::L2, {L2}},
               {&Gradients::initial_mean, {initial_mean}},
               {&Gradients::initial_var, {initial_var}},
               {&Gradients::macro_variance, {variances.macro}},
               {&Gradients::micro_variance, {variances.micro}},
               {&Gradients::encoder, parts.encoder.parameters},
               {&Gradients::decoder, parts.decoder.parameters},
               {&Gradients::drift, parts.drift.parameters}};
  if (equal)
    p.in.list.insert(p.in.list.begin() + 2,
                     {{&Gradients::value, {value}}, {&Gradients::derivative, {derivative}}});
  const auto outside = model->drift->outside(
      {batch.t.unsqueeze(-1), batch.mu.unsqueeze(1).expand({B, W, batch.mu.size(1)}), batch.f});
  p.windows = {batch.inputs.contiguous(),      batch.a.contiguous(),
               batch.off_norm2.contiguous(),   batch.likelihood_noise.contiguous(),
               batch.drift_noise.contiguous(), outside.contiguous()};
  kernel.counted = static_cast<float>(W);
  if (batch.seen.defined()) {
    p.windows.seen = batch.seen.contiguous();
    kernel.counted = batch.seen.sum(1).mean().item<float>();
  }
  FusedElbo e;
  auto inputs = p.in.all();
  if (!equal) {
    inputs.push_back(torch::stack({value, derivative}, 1).contiguous());
    p.windows.operators = inputs.back().detach();
    p.windows.weights = node_weights(batch.times).to(torch::kFloat).contiguous();
  }
  e.value = ElboFunction::apply(at::TensorList(inputs), &p, &e.terms);
  return e;
}

}  // namespace msde
