#include <ATen/Parallel.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "msde/infer/elbo.hpp"
#include "msde/kernels/room_for.hpp"
#include "msde/kernels/window_elbo.hpp"
#include "msde/model/positive.hpp"
#include "msde/tensor/threads.hpp"

namespace msde {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What the operation is differentiable by, in the order of WindowElboKernel::Gradients.
struct Inputs {
  torch::Tensor separation, prolongation, value, derivative, s, L2, initial_mean, initial_var, macro_variance,
      micro_variance;
  std::vector<torch::Tensor> encoder, decoder, drift;  // parameters

  std::vector<torch::Tensor> all() const {
    std::vector<torch::Tensor> tensors = {separation,   prolongation, value,          derivative,    s, L2,
                                          initial_mean, initial_var,  macro_variance, micro_variance};
    for (const auto* parameters : {&encoder, &decoder, &drift})
      tensors.insert(tensors.end(), parameters->begin(), parameters->end());
    return tensors;
  }
};

int64_t size_of(at::TensorList tensors) {
  return std::accumulate(tensors.begin(), tensors.end(), int64_t{0},
                         [](int64_t sum, const torch::Tensor& t) { return sum + t.numel(); });
}

// Room for all of WindowElboKernel::Gradients.
int64_t gradient_size(const Inputs& in) {
  return size_of(in.all()) + 2 * in.s.numel() + 1;
}

WindowElboKernel::Gradients gradients_in(const Inputs& in, float* flat) {
  const auto next = [&](int64_t size) { return std::exchange(flat, flat + size); };
  const auto like = [&](at::TensorList tensors) { return next(size_of(tensors)); };
  WindowElboKernel::Gradients g;  // assigned in order: flat moves on
  g.separation = like(in.separation);
  g.prolongation = like(in.prolongation);
  g.value = like(in.value);
  g.derivative = like(in.derivative);
  g.s = like(in.s);
  g.L2 = like(in.L2);
  g.initial_mean = like(in.initial_mean);
  g.initial_var = like(in.initial_var);
  g.macro_variance = like(in.macro_variance);
  g.micro_variance = like(in.micro_variance);
  g.encoder = like(in.encoder);
  g.decoder = like(in.decoder);
  g.drift = like(in.drift);
  g.std = like(in.s);
  g.A = like(in.s);
  g.P = next(1);
  return g;
}

// The windows' data, [B, W, ..] contiguous.
struct Windows {
  torch::Tensor inputs, a, off_norm2, likelihood_noise, drift_noise, outside;
  int64_t count() const { return a.size(0); }
  WindowElboKernel::Window window(int64_t b) const {
    const auto at = [b](const torch::Tensor& x) {
      return x.numel() > 0 ? x.data_ptr<float>() + b * x.stride(0) : nullptr;
    };
    return {at(inputs), at(a), at(off_norm2), at(likelihood_noise), at(drift_noise), at(outside)};
  }
};

struct Problem {
  WindowElboKernel rows;
  Inputs in;
  Windows windows;
};

struct Evaluated {
  WindowElboKernel::Terms terms;
  torch::Tensor gradient;  // flat
};

// Means over windows, groups of them in parallel.
Evaluated evaluate(const Problem& p) {
  const int64_t B = p.windows.count(), groups = groups_of(B);
  const WindowElboKernel::Prepared prepared(p.rows);
  auto gradients = torch::zeros({groups, gradient_size(p.in)}, torch::kFloat);
  std::vector<WindowElboKernel::Terms> terms(static_cast<size_t>(groups));
  at::parallel_for(0, groups, 1, [&](int64_t begin, int64_t end) {
    const auto memory = room_for(p.rows.memory_size());
    for (int64_t k = begin; k < end; ++k) {
      const auto to = gradients_in(p.in, gradients.data_ptr<float>() + k * gradients.size(1));
      const Share share = Ranks{k, groups}.share(B);
      for (int64_t b = share.first; b < share.first + share.count; ++b)
        p.rows.add_window(p.windows.window(b), 1 / static_cast<float>(B), prepared,
                          terms[static_cast<size_t>(k)], to, memory.get());
    }
  });
  Evaluated e = {{}, groups == 1 ? gradients[0] : gradients.sum(0)};
  for (const auto& t : terms) e.terms.add(t);
  p.rows.add_shared(prepared, e.terms, gradients_in(p.in, e.gradient.data_ptr<float>()));
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
                               t.constant - problem->rows.beta * (t.drift_residual + t.kl_initial));
  }

  static variable_list backward(AutogradContext* ctx, variable_list upstream) {
    TORCH_CHECK(!torch::GradMode::is_enabled(), "weighted_elbo has no second derivative");
    const auto saved = ctx->get_saved_variables();
    const auto scaled = saved[0] * upstream[0];
    variable_list gradients;
    int64_t start = 0;
    for (size_t i = 1; i < saved.size(); ++i) {
      gradients.push_back(scaled.narrow(0, start, saved[i].numel()).view(saved[i].sizes()));
      start += saved[i].numel();
    }
    gradients.resize(gradients.size() + 2);  // of problem, terms
    return gradients;
  }
};

// None where elbo() must be used. The matrices, and what views them, are left open.
std::optional<Problem> problem_of(const MultiscaleModel& model, const Scales& scales) {
  if (!torch::GradMode::is_enabled() || model->n_eta() == 0) return {};
  if (!scales.matrices || !scales.micro_is_orthogonal) return {};
  const auto encoder = model->encoder->networks();
  const auto decoder = model->decoder->networks(model->encoder->units());
  const auto drift = model->drift->networks();
  if (!encoder || !decoder || !drift || !model->dispersion->is_constant()) return {};
  Problem p;
  p.rows.encoder = encoder->rows;
  p.rows.decoder = decoder->rows;
  p.rows.drift = drift->rows;
  p.in.encoder = encoder->net.tensors;
  p.in.decoder = decoder->parameters;
  p.in.drift = drift->macro.tensors;
  p.in.drift.insert(p.in.drift.end(), drift->micro.tensors.begin(), drift->micro.tensors.end());
  return p;
}

const float* view(torch::Tensor& x) {
  x = x.contiguous();
  return x.data_ptr<float>();
}

}  // namespace

WeightedElbo weighted_elbo(MultiscaleModel& model, const WindowBatch& batch, const ElboNoise& noise,
                           double beta) {
  const auto scales = model->scales();
  auto problem = problem_of(model, scales);
  if (!problem) {
    const auto terms = elbo(model, batch, noise);
    return {terms.value(beta), terms};
  }
  Inputs& in = problem->in;
  WindowElboKernel& rows = problem->rows;
  const int64_t B = batch.a.size(0), W = batch.a.size(1);

  const auto& maps = *scales.matrices;
  const auto gp = model->posterior->operators(W, batch.dt);
  const auto variances = model->decoder->variances();
  in.separation = torch::cat({maps.restriction.t(), maps.smooth.t()});
  in.prolongation = maps.prolongation;
  in.value = gp.value;
  in.derivative = gp.derivative;
  in.s = model->encoder->variance();
  in.L2 = model->dispersion->diagonal(batch.t.unsqueeze(-1)).square();
  in.initial_mean = model->initial_mean;
  in.initial_var = to_positive(model->initial_raw);
  in.macro_variance = variances.macro;
  in.micro_variance = variances.micro;
  rows.W = W;
  rows.encoder.separation = view(in.separation);
  rows.decoder.prolongation = view(in.prolongation);
  rows.decoder.restriction = rows.encoder.separation;  // its first rows
  rows.value = view(in.value);
  rows.derivative = view(in.derivative);
  rows.s = view(in.s);
  rows.L2 = view(in.L2);
  rows.initial_mean = view(in.initial_mean);
  rows.initial_var = view(in.initial_var);
  rows.macro_variance = in.macro_variance.item<float>();
  rows.micro_variance = in.micro_variance.item<float>();
  rows.duration = static_cast<float>(batch.dt * static_cast<double>(W - 1));
  rows.beta = static_cast<float>(beta);
  rows.n_y = model->coordinates->fine_size();
  const auto outside = model->drift->outside(
      {batch.t.unsqueeze(-1), batch.mu.unsqueeze(1).expand({B, W, batch.mu.size(1)}), batch.f});
  problem->windows = {batch.inputs.contiguous(),     batch.a.contiguous(),     batch.off_norm2.contiguous(),
                      noise.likelihood.contiguous(), noise.drift.contiguous(), outside.contiguous()};
  WindowElboKernel::Terms t;
  const auto value = ElboFunction::apply(at::TensorList(in.all()), &*problem, &t);
  const auto number = [&](double x) { return torch::full({}, x, batch.a.options()); };
  WeightedElbo e = {value, {}};
  e.terms.likelihood = {number(t.macro_residual), number(t.micro_correlation), number(t.micro_norm),
                        number(t.log_determinant), number(t.constant)};
  e.terms.drift_residual = number(t.drift_residual);
  e.terms.kl_initial = number(t.kl_initial);
  return e;
}

}  // namespace msde
