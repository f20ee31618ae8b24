#include "msde/infer/elbo_stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "msde/core/report/log.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/field/windows.hpp"
#include "msde/infer/data/rollout_data.hpp"
#include "msde/infer/elbo.hpp"
#include "msde/infer/learned_drift.hpp"
#include "msde/infer/optimiser/gradients.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kRecoveries = 4;       // of one training
constexpr double kSlowerRecovery = .25;  // learning rates of the next try
constexpr int64_t kKeepEvery = 100;      // steps between averaged weights that are kept to go back to

double slower(const Session& s) {
  return std::pow(kSlowerRecovery, s.state.elbo_recoveries);
}

void recover(Session& s, double loss, double gradient_norm) {
  ++s.state.elbo_recoveries;
  spdlog::warn(
      "the solver-free stage diverged at step {} (loss {:.4g}, gradient norm {:.4g}): going on from earlier "
      "weights with learning rate {:.3g} (try {} of {})",
      s.state.step + 1, loss, gradient_norm, s.request.options.elbo.lr * slower(s), s.state.elbo_recoveries,
      kRecoveries);
  s.start_again_from_best();
}

// The share of the step's windows.
WindowBatch draw_windows(const Session& s, const ElboOptions& o, const Share& share) {
  const auto& train = s.data.train;
  const auto step = static_cast<uint64_t>(s.state.step);
  const auto choice = choose_windows({train.n_trajectories(), train.n_snapshots(), false}, o.window,
                                     o.windows_per_step, {s.seed(), Stream::window_choice, step});
  auto g = train.gather(share.cut(choice.trajectory),
                        share.cut(choice.start).unsqueeze(1) + torch::arange(choice.length));
  return {with_fresh_noise(g.a, train, {s.seed(), Stream::encoder_sample, step}, share),
          g.a,
          g.off_norm2,
          g.t,
          g.mu,
          g.f,
          train.dt(),
          g.times,
          g.seen};
}

ElboNoise draw_noise(const Session& s, const WindowBatch& batch, const Share& share) {
  auto both = normal({s.seed(), Stream::reparametrisation, static_cast<uint64_t>(s.state.step)},
                     {2, share.of, batch.a.size(1), s.model->n_z()}, batch.a.options());
  return {share.cut(both[0]), share.cut(both[1])};
}

// What rows of that weight add to the means over the whole batch.
MetricsLog::Row row_of(const ElboTerms& e, const torch::Tensor& loss, double weight) {
  auto value = [&](const torch::Tensor& x) { return weight * x.item<double>(); };
  const auto& l = e.likelihood;
  return {{"loss", value(loss)},
          {"elbo", value(e.value())},
          {"macro_residual", value(l.macro_residual)},
          {"micro_correlation", value(l.micro_correlation)},
          {"micro_norm", value(l.micro_norm)},
          {"log_determinant", value(l.log_determinant)},
          {"constant", value(l.constant)},
          {"kl_initial", value(e.kl_initial)},
          {"drift_residual", value(e.drift_residual)}};
}

}  // namespace

void elbo_stage(Session& s) {
  const ElboOptions& o = s.request.options.elbo;
  if (!s.enter(Stage::elbo)) return;
  auto optimiser = s.make_optimiser(o.clip);
  const Share share = s.ranks().share(o.windows_per_step);
  const double penalty = s.model->drift->prior() == nullptr ? 0 : s.request.model.prior.weight;
  Progress progress("elbo", o.max_steps, s.state.step, s.request.log_seconds);
  for (; s.state.step < o.max_steps;) {
    const auto batch = draw_windows(s, o, share);
    const auto noise = draw_noise(s, batch, share);
    const double f = static_cast<double>(s.state.step) / static_cast<double>(o.max_steps);
    const double beta = o.beta_warmup > 0 ? std::min(1.0, f / o.beta_warmup) : 1.0;
    auto row = add_gradients(s.weights, share.count, [&](const Ranks& thread) -> Part {
      const Share rows = thread.share(share.count);
      const auto part = batch.cut(rows);
      const auto [value, terms] = weighted_elbo(s.model, part, noise.cut(rows), beta);
      // Per value of the window, so that learning rates do not depend on its size.
      auto loss = -value / static_cast<double>(batch.a.size(1) * batch.a.size(2));
      if (penalty > 0)
        loss = loss + penalty * learned_drift_square(s.model, s.model->encode(part.a, s.model->scales()),
                                                     part.t, part.mu, part.f);
      const double weight = share.weight() * rows.weight();
      return {weight * loss, row_of(terms, loss, weight)};
    });
    s.sum_over_ranks(row);
    const double shape = one_cycle(s.state.step, o.max_steps, o.warmup);
    const double l = row.front().second, norm = optimiser.gradient_norm();
    if (!Session::is_sound(l, norm) && s.state.elbo_recoveries < kRecoveries) {
      recover(s, l, norm);
      optimiser.forget();
      continue;
    }
    s.check(l, norm, "try a smaller train.lr");
    if (s.state.step % kKeepEvery == 0) s.state.best = s.state.average.clone();  // of weights that are sound
    const double rate = shape * slower(s);
    optimiser.step(s.learning_rates(o.lr, o.lr_vectors, rate), norm);
    s.update_average(++s.state.step);
    const double drift_residual = row.back().second;
    if (s.state.step % kLogEvery == 0 || s.state.step == o.max_steps) {
      row.insert(row.end(), {{"beta", beta}, {"learning_rate", o.lr * rate}, {"gradient_norm", norm}});
      s.write_row(row);
    }
    progress.update(s.state.step, fmt::format("loss {:.4f}  drift residual {:.3g} nats", l, drift_residual));
    s.after_step(optimiser);
  }
  progress.finish();
}

}  // namespace msde
