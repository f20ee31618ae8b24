#include "msde/infer/rollout_stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "msde/core/report/log.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/infer/data/rollout_data.hpp"
#include "msde/infer/learned_drift.hpp"
#include "msde/infer/optimiser/gradients.hpp"
#include "msde/infer/rollout.hpp"

namespace msde {
namespace {

constexpr int64_t kRecoveries = 4;  // of one training
// Roll-outs whose rate is too large for what the solver-free stage reached forget it, and do not come back to it.
constexpr double kAstray = 3;           // validation score over the best one ..
constexpr int64_t kChecksAstray = 3;    // .. so many times in turn
constexpr int64_t kRetreats = 3;        // of one training
constexpr double kSlowerRetreat = .25;  // learning rates of the next try
constexpr double kBlownUp = 1e30;       // score of roll-outs that are no longer finite: JSON has no infinity

// What errors are relative to. A frame at rest counts by the mean energy of the whole batch, of which a rank and a
// thread have only their shares.
void set_energy(RolloutBatch& batch, const Session& s, const Share& share, const torch::Tensor& frames = {}) {
  batch.centre = s.centre;
  auto energy = torch::zeros({1});
  if (share.count > 0) energy += share.weight() * mean_energy(batch, frames).cpu();
  s.request.group.sum(energy);
  batch.mean_energy = share.count > 0 ? energy[0].to(batch.a.device()) : energy[0];
}

// Mean relative error of roll-outs from the first validation snapshots, predicted frames only.
double validation_score(Session& s) {
  torch::NoGradGuard no_grad;
  const auto scales = s.model->scales();
  const auto trajectories = validated_trajectories(s.data.val);
  const Share share = s.ranks().share(trajectories.size(0));
  RolloutBatch batch;
  if (share.count > 0)
    batch = first_snapshot_rollouts(s.data.val, {s.request.options.rollout}, s.model, s.request.score_steps,
                                    share.cut(trajectories));
  set_energy(batch, s, share);
  auto score = torch::zeros({1}, torch::kDouble);
  if (share.count > 0) {
    const auto error = relative_square_error(s.model, batch, roll_out(s.model, batch, scales), scales).sqrt();
    score += share.weight() * error.narrow(1, 1, error.size(1) - 1).mean().item<double>();
  }
  s.request.group.sum(score);
  return std::isfinite(score.item<double>()) ? score.item<double>() : kBlownUp;
}

// Keeps the averaged weights if validation prefers them.
double validate(Session& s) {
  const double score = s.with_average([&] { return validation_score(s); });
  if (s.state.best_score < 0 || score < s.state.best_score) {
    s.state.best_score = score;
    s.state.best_step = s.state.step;
    s.state.best = s.state.average.clone();
    s.state.checks_without_improvement = 0;
  } else {
    ++s.state.checks_without_improvement;
  }
  s.state.checks_astray = score > kAstray * s.state.best_score ? s.state.checks_astray + 1 : 0;
  return score;
}

// Far from the best weights for long, with a try left.
bool is_astray(const Session& s) {
  return s.state.checks_astray >= kChecksAstray && s.state.retreats < kRetreats;
}

// Rates of a stage that has retreated so many times; steps, horizon and rates of one that has diverged: half of each
// time before. Where frames cannot be nearer, there are more steps between them.
RolloutPlan eased(const Session& s) {
  RolloutPlan o = {s.request.options.rollout};
  const double slower = std::pow(kSlowerRetreat, s.state.retreats);
  o.lr *= slower, o.lr_vectors *= slower;
  if (s.state.recoveries == 0) return o;
  o.stride = stable_stride(s.data.train, o.stride, s.model);
  o.stride_min = std::min(o.stride_min, o.stride);
  for (int64_t i = 0; i < s.state.recoveries; ++i) {
    if (o.stride > 1)
      o.stride /= 2;
    else
      o.finer *= 2;
    o.stride_min = std::min(std::max<int64_t>(1, o.stride_min / 2), o.stride);
    for (int64_t* horizon : {&o.horizon_start, &o.horizon_end}) *horizon = std::max(o.stride, *horizon / 2);
    o.lr /= 2, o.lr_vectors /= 2;
  }
  return o;
}

// Predictions make no larger steps than training.
void set_integration_step(Session& s, const RolloutPlan& o) {
  torch::NoGradGuard no_grad;
  s.model->integration_step.fill_(smallest_step(s.data.train, o, s.model));
}

void start_again(Session& s) {
  s.start_again_from_best();
  s.state.checks_without_improvement = s.state.checks_astray = 0;
}

void retreat(Session& s, double score) {
  ++s.state.retreats;
  spdlog::warn(
      "roll-outs have lost what training had reached (validation rel_l2 {:.4g}, {:.4g} at step {}): going on "
      "from there with learning rate {:.3g} (try {} of {})",
      score, s.state.best_score, s.state.best_step, eased(s).lr, s.state.retreats, kRetreats);
  start_again(s);
}

void recover(Session& s, double loss, double gradient_norm) {
  ++s.state.recoveries;
  const RolloutPlan next = eased(s);
  spdlog::warn(
      "roll-outs diverged at step {} (loss {:.4g}, gradient norm {:.4g}): going on from the weights of step "
      "{} with {} RK4 step(s) per {} snapshot(s), horizons to {}, learning rate {:.3g} (try {} of {})",
      s.state.step + 1, loss, gradient_norm, s.state.best_step, next.finer, next.stride, next.horizon_end,
      next.lr, s.state.recoveries, kRecoveries);
  start_again(s);
}

// The solver-free stage matches one step after the other, and may lose what a prior knew of long runs: then what it has
// learned of the drift goes, and what it has learned of variances stays.
void begin_with_prior_if_better(Session& s) {
  {
    torch::NoGradGuard no_grad;
    s.weights.values().copy_(s.state.average);
    s.model->drift->leave_to_prior();
    s.state.average.copy_(s.weights.values());
  }
  const double before = s.state.best_score, score = validate(s);
  if (s.state.best_score < before) {
    spdlog::info(
        "roll-outs begin with the prior alone (validation rel_l2 {:.4g}, {:.4g} after the solver-free stage)",
        score, before);
    return;
  }
  torch::NoGradGuard no_grad;
  s.weights.values().copy_(s.state.best);
  s.state.average.copy_(s.state.best);
  s.state.checks_without_improvement = s.state.checks_astray = 0;
}

constexpr const char* kAdvice =
    "try a smaller rollout.stride (data steps per integrator step), rollout.horizon_end or rollout.lr";

}  // namespace

void rollout_stage(Session& s) {
  RolloutPlan o = eased(s);
  set_integration_step(s, o);
  if (!s.enter(Stage::rollout)) return;
  if (s.state.solver_free_score < 0) {
    s.state.solver_free_score = validate(s);
    if (s.model->drift->prior() != nullptr) begin_with_prior_if_better(s);
  }
  auto optimiser = s.make_optimiser(o.clip);
  const Share share = s.ranks().share(o.trajectories_per_step), single_share = s.ranks().share(kSnapshots);
  Progress progress("roll-out", o.max_steps, s.state.step, s.request.log_seconds);
  double score = s.state.best_score;
  const double penalty = s.model->drift->prior() == nullptr ? 0 : s.request.model.prior.weight;
  std::string why = "all steps made";
  for (; s.state.step < o.max_steps;) {
    if (o.patience > 0 &&
        s.state.checks_without_improvement >= o.patience) {  // before a step: also when resumed here
      why = fmt::format("no better validation score in {} checks", o.patience);
      break;
    }
    const double f = static_cast<double>(s.state.step) / static_cast<double>(o.max_steps);
    const RolloutDraw draw = {.seed = s.seed(), .step = s.state.step, .fraction = f, .ranks = s.ranks()};
    auto batch = draw_rollouts(s.data.train, o, s.model, draw);
    const auto frames = draw_frames(batch, o, s.seed(), s.state.step);
    set_energy(batch, s, share, frames);
    RolloutBatch single;
    if (o.autoencoder > 0) {
      if (single_share.count > 0) single = draw_snapshots(s.data.train, s.model, draw);
      set_energy(single, s, single_share);
    }
    auto row = add_gradients(s.weights, share.count, [&](const Ranks& thread) -> Part {
      const Share rows = thread.share(share.count);
      const auto part = batch.cut(rows);
      const auto scales = s.model->scales();
      const auto z = roll_out(s.model, part, scales);
      const auto error =
          share.weight() * rows.weight() * relative_square_error(s.model, part, z, scales, frames).mean();
      auto loss = s.centre.gain * error;
      if (o.latent_match > 0)
        loss = loss + o.latent_match * share.weight() * rows.weight() *
                          (z - s.model->encode(part.a, scales).detach()).square().mean();
      if (penalty > 0) {
        const auto every = torch::arange(z.size(1), torch::TensorOptions(torch::kLong).device(z.device())) *
                           part.snapshots_per_frame;
        loss = loss + s.centre.gain * penalty * share.weight() * rows.weight() *
                          learned_drift_square(s.model, z, part.t, part.mu, part.f.index_select(1, every));
      }
      const Share snapshots = thread.share(single_share.count);
      if (o.autoencoder > 0 && snapshots.count > 0) {
        const auto some = single.cut(snapshots);
        const auto encoded = s.model->encode(some.first, scales).unsqueeze(1);
        loss = loss + s.centre.gain * o.autoencoder * single_share.weight() * snapshots.weight() *
                          relative_square_error(s.model, some, encoded, scales).mean();
      }
      return {loss, {{"loss", loss.item<double>()}, {"rollout_error", error.item<double>()}}};
    });
    s.sum_over_ranks(row);
    row[1].second = std::sqrt(row[1].second);
    const double shape = one_cycle(s.state.step, o.max_steps, o.warmup);
    const double l = row[0].second, norm = optimiser.gradient_norm();
    if (!Session::is_sound(l, norm) && s.state.recoveries < kRecoveries) {
      recover(s, l, norm);
      o = eased(s);
      set_integration_step(s, o);
      optimiser.forget();
      continue;
    }
    s.check(l, norm, kAdvice);
    optimiser.step(s.learning_rates(o.lr, o.lr_vectors, shape), norm);
    s.update_average(++s.state.step);
    const bool last = s.state.step == o.max_steps;
    row.insert(row.end(), {{"horizon", static_cast<double>(batch.a.size(1) - 1)},
                           {"learning_rate", o.lr * shape},
                           {"gradient_norm", norm}});
    const bool validates = s.state.step % o.validate_every == 0 || last;
    if (validates) row.push_back({"val_rel_l2", score = validate(s)});
    if (s.state.step % kLogEvery == 0 || validates) s.write_row(row);
    if (validates && !last && is_astray(s)) {
      retreat(s, score);
      o = eased(s);
      optimiser.forget();
    }
    progress.update(s.state.step, fmt::format("error {:.4g}  val rel_l2 {:.4g} (best {:.4g} @{})",
                                              row[1].second, score, s.state.best_score, s.state.best_step));
    s.after_step(optimiser);
  }
  progress.finish();
  s.state.rollout_steps = s.state.step;
  s.state.why_stopped = why;
}

}  // namespace msde
