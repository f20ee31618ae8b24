#include "msde/infer/train.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/core/log.hpp"
#include "msde/core/progress.hpp"
#include "msde/core/signals.hpp"
#include "msde/field/windows.hpp"
#include "msde/infer/calibrate.hpp"
#include "msde/infer/checkpoint.hpp"
#include "msde/infer/elbo.hpp"
#include "msde/infer/metrics_log.hpp"
#include "msde/infer/optimiser.hpp"
#include "msde/infer/prepare.hpp"
#include "msde/infer/rollout_data.hpp"
#include "msde/model/model_file.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kLogEvery = 10;       // steps between rows of metrics.csv
constexpr double kBlownUp = 1e30;       // score of roll-outs that are no longer finite: JSON has no infinity
constexpr double kDivergedLoss = 1e10;  // finite, but nothing comes back from there

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// What the stages share. `state` is all that a checkpoint keeps.
class Session {
 public:
  Session(const TrainRequest& r, Prepared prepared, TrainState restored)
      : request(r),
        data(std::move(prepared)),
        model(data.model),
        weights(model->parameters()),
        state(std::move(restored)),
        log(r.folder + "/metrics.csv", to_string(state.stage), state.step),
        seconds_before_(state.seconds) {
    if (!state.average.defined()) state.average = weights.values().clone();
    if (!state.best.defined()) state.best = weights.values().clone();
    for (auto* t : {&state.average, &state.best}) *t = t->to(r.device);
  }

  uint64_t seed() const { return static_cast<uint64_t>(request.options.elbo.seed); }
  std::string checkpoint_path() const { return request.folder + "/checkpoints/last.safetensors"; }

  void save(const Optimiser& optimiser) {
    state.first = optimiser.first;
    state.second = optimiser.second;
    state.optimiser_steps = optimiser.steps;
    state.seconds = seconds_before_ + seconds_since(start_);
    save_checkpoint(checkpoint_path(), model, state, request.fingerprint);
    saved_ = std::chrono::steady_clock::now();
  }

  // Saves when it is time to, and before stopping for a signal or the time limit.
  void after_step(const Optimiser& optimiser) {
    const bool out_of_time = request.max_seconds && seconds_since(start_) > *request.max_seconds;
    if (pending_signal() || out_of_time || seconds_since(saved_) > request.options.checkpoint_every.seconds)
      save(optimiser);
    const auto where =
        fmt::format("{} step {}; continue with --resume", to_string(state.stage), state.step);
    if (pending_signal()) throw_interrupted(where.c_str());
    if (out_of_time) throw Stopped(ExitCode::time_limit, "time limit reached; saved " + where);
  }

  // A loss or gradient that is no longer finite ends training before it reaches the weights.
  void check(double loss, double gradient_norm) const {
    if (std::isfinite(loss) && std::isfinite(gradient_norm) && std::abs(loss) < kDivergedLoss) return;
    throw NumericsError(
        fmt::format("training diverged at {} step {}: loss {:.4g}, gradient norm {:.4g}; the last good "
                    "checkpoint is kept, try a smaller {}.lr",
                    to_string(state.stage), state.step + 1, loss, gradient_norm,
                    state.stage == Stage::elbo ? "train" : "rollout"));
  }

  void update_average(int64_t step) {
    // Early on the average must forget the start: its decay grows to the one asked for.
    const double keep = std::min(request.options.elbo.ema, (1.0 + step) / (10.0 + step));
    state.average.lerp_(weights.values(), 1 - keep);
  }

  // Runs `use` with the averaged weights in place of the current ones.
  template <class Use>
  auto with_average(Use use) {
    torch::NoGradGuard no_grad;
    const auto current = weights.values().clone();
    weights.values().copy_(state.average);
    const auto result = use();
    weights.values().copy_(current);
    return result;
  }

  // Starts `stage` if training stands before it; false if it is over already.
  bool enter(Stage stage) {
    if (state.stage > stage) return false;
    if (state.stage < stage) {
      state.stage = stage;
      state.step = 0;
      state.first = state.second = torch::Tensor();
      state.optimiser_steps = 0;
      torch::NoGradGuard no_grad;
      weights.values().copy_(state.average);  // the stage starts from what the last one settled on
    }
    return true;
  }

  Optimiser make_optimiser(double clip) {
    Optimiser optimiser(weights, {.muon = request.options.elbo.optimiser == "muon", .clip = clip});
    if (state.first.defined()) {
      optimiser.first = state.first.to(request.device);
      optimiser.second = state.second.to(request.device);
      optimiser.steps = state.optimiser_steps;
    }
    return optimiser;
  }

  LearningRates learning_rates(double muon_peak, double adam_peak, double shape) const {
    const bool muon = request.options.elbo.optimiser == "muon";
    return {muon_peak * shape, (muon ? adam_peak : muon_peak) * shape};
  }

  const TrainRequest& request;
  Prepared data;
  MultiscaleModel model;
  FlatParameters weights;
  TrainState state;
  MetricsLog log;

 private:
  double seconds_before_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), saved_ = start_;
};

// --- stage 1

WindowBatch draw_windows(const Session& s, const ElboOptions& o) {
  const auto& train = s.data.train;
  const auto step = static_cast<uint64_t>(s.state.step);
  const auto choice = choose_windows({train.n_trajectories(), train.n_snapshots(), false}, o.window,
                                     o.windows_per_step, {s.seed(), Stream::window_choice, step});
  auto g = train.gather(choice.trajectory, choice.start.unsqueeze(1) + torch::arange(choice.length));
  return {with_fresh_noise(g.a, train, {s.seed(), Stream::encoder_sample, step}),
          g.a,
          g.off_norm2,
          g.t,
          g.mu,
          g.f,
          train.dt()};
}

ElboNoise draw_noise(const Session& s, const WindowBatch& batch) {
  auto both = normal({s.seed(), Stream::reparametrisation, static_cast<uint64_t>(s.state.step)},
                     {2, batch.a.size(0), batch.a.size(1), s.model->n_z()}, batch.a.options());
  return {both[0], both[1]};
}

MetricsLog::Row row_of(const ElboTerms& e) {
  auto value = [](const torch::Tensor& x) { return x.item<double>(); };
  const auto& l = e.likelihood;
  return {{"elbo", value(e.value())},
          {"macro_residual", value(l.macro_residual)},
          {"micro_correlation", value(l.micro_correlation)},
          {"micro_norm", value(l.micro_norm)},
          {"log_determinant", value(l.log_determinant)},
          {"constant", value(l.constant)},
          {"drift_residual", value(e.drift_residual)},
          {"kl_initial", value(e.kl_initial)}};
}

void elbo_stage(Session& s) {
  const ElboOptions& o = s.request.options.elbo;
  if (!s.enter(Stage::elbo)) return;
  auto optimiser = s.make_optimiser(o.clip);
  Progress progress("elbo", o.max_steps, s.state.step, s.request.log_seconds);
  for (; s.state.step < o.max_steps;) {
    const auto batch = draw_windows(s, o);
    const auto terms = elbo(s.model, batch, draw_noise(s, batch));
    const double f = static_cast<double>(s.state.step) / static_cast<double>(o.max_steps);
    const double beta = o.beta_warmup > 0 ? std::min(1.0, f / o.beta_warmup) : 1.0;
    // Per value of the window, so that learning rates do not depend on its size.
    const auto loss = -terms.value(beta) / static_cast<double>(batch.a.size(1) * batch.a.size(2));
    loss.backward();
    const double shape = one_cycle(s.state.step, o.max_steps, o.warmup);
    const double l = loss.item<double>(), norm = s.weights.gradients().norm().item<double>();
    s.check(l, norm);
    optimiser.step(s.learning_rates(o.lr, o.lr_vectors, shape));
    s.update_average(++s.state.step);
    if (s.state.step % kLogEvery == 0 || s.state.step == o.max_steps) {
      auto row = row_of(terms);
      row.insert(row.end(),
                 {{"loss", l}, {"beta", beta}, {"learning_rate", o.lr * shape}, {"gradient_norm", norm}});
      s.log.write("elbo", s.state.step, row);
    }
    progress.update(s.state.step, fmt::format("loss {:.4f}  drift residual {:.3g} nats", l,
                                              terms.drift_residual.item<double>()));
    s.after_step(optimiser);
  }
  progress.finish();
}

// --- stage 2

// Mean relative error of roll-outs from the first validation snapshots, predicted frames only.
double validation_score(Session& s) {
  torch::NoGradGuard no_grad;
  const auto scales = s.model->scales();
  const auto batch =
      first_snapshot_rollouts(s.data.val, s.request.options.rollout, s.model, s.request.score_steps);
  const auto error = relative_square_error(s.model, batch, roll_out(s.model, batch, scales), scales).sqrt();
  const double score = error.narrow(1, 1, error.size(1) - 1).mean().item<double>();
  return std::isfinite(score) ? score : kBlownUp;
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
  return score;
}

std::string rollout_stage(Session& s) {
  const RolloutOptions& o = s.request.options.rollout;
  if (!s.enter(Stage::rollout)) return "finished";
  if (s.state.solver_free_score < 0) s.state.solver_free_score = validate(s);
  auto optimiser = s.make_optimiser(o.clip);
  Progress progress("roll-out", o.max_steps, s.state.step, s.request.log_seconds);
  double score = s.state.best_score;
  std::string why = "all steps made";
  for (; s.state.step < o.max_steps;) {
    if (o.patience > 0 &&
        s.state.checks_without_improvement >= o.patience) {  // before a step: also when resumed here
      why = fmt::format("no better validation score in {} checks", o.patience);
      break;
    }
    const double f = static_cast<double>(s.state.step) / static_cast<double>(o.max_steps);
    const RolloutDraw draw = {.seed = s.seed(), .step = s.state.step, .fraction = f};
    const auto batch = draw_rollouts(s.data.train, o, s.model, draw);
    const auto scales = s.model->scales();
    const auto z = roll_out(s.model, batch, scales);
    const auto error =
        relative_square_error(s.model, batch, z, scales, draw_frames(batch, o, s.seed(), s.state.step))
            .mean();
    auto loss = error;
    if (o.autoencoder > 0) {
      const auto single = draw_snapshots(s.data.train, s.model, draw);
      const auto encoded = s.model->encode(single.first, scales).unsqueeze(1);
      loss = loss + o.autoencoder * relative_square_error(s.model, single, encoded, scales).mean();
    }
    if (o.latent_match > 0)
      loss = loss + o.latent_match * (z - s.model->encode(batch.a, scales).detach()).square().mean();
    loss.backward();
    const double shape = one_cycle(s.state.step, o.max_steps, o.warmup);
    const double l = loss.item<double>(), norm = s.weights.gradients().norm().item<double>();
    s.check(l, norm);
    optimiser.step(s.learning_rates(o.lr, o.lr_vectors, shape));
    s.update_average(++s.state.step);
    const bool last = s.state.step == o.max_steps;
    MetricsLog::Row row = {{"loss", l},
                           {"rollout_error", std::sqrt(error.item<double>())},
                           {"horizon", static_cast<double>(batch.a.size(1) - 1)},
                           {"learning_rate", o.lr * shape},
                           {"gradient_norm", norm}};
    if (s.state.step % o.validate_every == 0 || last) row.push_back({"val_rel_l2", score = validate(s)});
    if (s.state.step % kLogEvery == 0 || row.back().first == "val_rel_l2")
      s.log.write("rollout", s.state.step, row);
    progress.update(s.state.step, fmt::format("error {:.4f}  val rel_l2 {:.4f} (best {:.4f} @{})",
                                              std::sqrt(error.item<double>()), score, s.state.best_score,
                                              s.state.best_step));
    s.after_step(optimiser);
  }
  progress.finish();
  return why;
}

// --- stage 3

void calibration_stage(Session& s, const Dataset& dataset) {
  torch::NoGradGuard no_grad;
  s.state.stage = Stage::calibrate;
  s.weights.values().copy_(s.state.best_score >= 0 ? s.state.best : s.state.average);
  CalibrateOptions o = s.request.options.calibrate;
  if (o.n_steps == 0) o.n_steps = s.request.score_steps;
  const auto fit = calibrate(s.model, dataset, o, s.seed());
  spdlog::info("{}", fit.brief());
}

// The weights of another run, with the units they were trained in, in the world of these data; without what
// calibration fitted to them: a dispersion scaled to nothing cannot train.
MultiscaleModel trained_elsewhere(const std::string& folder, const Dataset& data) {
  torch::NoGradGuard no_grad;
  auto source = load_model(folder);
  ModelSpec spec = source->spec();
  set_world(spec, data);
  MultiscaleModel model(spec);
  auto parameters = model->named_parameters(), buffers = model->named_buffers();
  for (const auto& p : source->named_parameters()) parameters[p.key()].copy_(p.value());
  for (const auto& b : source->named_buffers()) buffers[b.key()].copy_(b.value());
  for (auto* t : {&model->dispersion->scale(), &model->initial_scale, &model->observation_variance})
    t->fill_(1);
  return model;
}

}  // namespace

std::string TrainSummary::brief() const {
  return fmt::format(
      "trained {} + {} steps in {:.0f} s; validation rel_l2 {:.4f} (solver-free stage alone {:.4f}); {}",
      elbo_steps, rollout_steps, seconds, best_score, solver_free_score, why_stopped);
}

TrainSummary train(const TrainRequest& r) {
  const auto start = std::chrono::steady_clock::now();
  const auto dataset = Dataset::open(r.data_path, r.data);
  dataset.check_finite();
  const auto tell = [](const std::string& line) { spdlog::info("{}", line); };

  auto checkpoint =
      r.resume ? load_checkpoint(r.folder + "/checkpoints/last.safetensors", r.fingerprint) : std::nullopt;
  auto prepared = checkpoint ? prepare_with(checkpoint->model, r.options.elbo, dataset, tell)
                  : r.init_from.empty()
                      ? prepare(r.model, r.options.elbo, dataset, tell)
                      : prepare_with(trained_elsewhere(r.init_from, dataset), r.options.elbo, dataset, tell);
  prepared.model->to(r.device);
  prepared.train.to(r.device);
  prepared.val.to(r.device);

  Session session(r, std::move(prepared), checkpoint ? checkpoint->state : TrainState{});
  spdlog::info("{} parameters; {} trajectories of {} snapshots", session.model->parameter_count(),
               session.data.train.n_trajectories(), session.data.train.n_snapshots());
  {
    torch::NoGradGuard no_grad;
    session.model->integration_step.fill_(
        smallest_step(session.data.train, r.options.rollout, session.model));
  }
  elbo_stage(session);
  const std::string why = rollout_stage(session);
  const int64_t rollout_steps =
      session.state.stage == Stage::rollout ? session.state.step : r.options.rollout.max_steps;
  calibration_stage(session, dataset);

  TrainSummary summary;
  summary.model = session.model;
  summary.model->to(torch::kCPU);
  summary.seconds = (checkpoint ? checkpoint->state.seconds : 0) + seconds_since(start);
  summary.elbo_steps = r.options.elbo.max_steps;
  summary.rollout_steps = rollout_steps;
  summary.solver_free_score = session.state.solver_free_score;
  summary.best_score = session.state.best_score;
  summary.why_stopped = why;
  return summary;
}

}  // namespace msde
