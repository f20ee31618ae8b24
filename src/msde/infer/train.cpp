#include "msde/infer/train.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <csignal>

#include "msde/core/error.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/core/report/log.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/field/windows.hpp"
#include "msde/infer/calibrate.hpp"
#include "msde/infer/data/prepare.hpp"
#include "msde/infer/data/rollout_data.hpp"
#include "msde/infer/elbo.hpp"
#include "msde/infer/optimiser/gradients.hpp"
#include "msde/infer/optimiser/optimiser.hpp"
#include "msde/infer/record/checkpoint.hpp"
#include "msde/infer/record/hand_over.hpp"
#include "msde/infer/record/metrics_log.hpp"
#include "msde/model/model_file.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kLogEvery = 10;       // steps between rows of metrics.csv
constexpr int64_t kAlignEvery = 100;    // steps between two alignments of the ranks' weights
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
        seconds_before_(state.seconds) {
    if (r.group.leads()) log_.emplace(r.metrics_csv, to_string(state.stage), state.step);
    if (state.first.defined()) saved_step_ = where();
    if (!state.average.defined()) state.average = weights.values().clone();
    if (!state.best.defined()) state.best = weights.values().clone();
    for (auto* t : {&state.average, &state.best}) *t = t->to(r.device);
  }

  uint64_t seed() const { return static_cast<uint64_t>(request.options.elbo.seed); }

  Ranks ranks() const { return request.group.ranks(); }
  std::string where() const { return fmt::format("{} step {}", to_string(state.stage), state.step); }

  void write_row(const MetricsLog::Row& row) {
    if (log_) log_->write(to_string(state.stage), state.step, row);
  }

  void save(const Optimiser& optimiser) {
    if (!request.group.leads()) return;
    state.first = optimiser.first;
    state.second = optimiser.second;
    state.optimiser_steps = optimiser.steps;
    state.seconds = seconds_before_ + seconds_since(start_);
    save_checkpoint(request.checkpoint, model, state, request.fingerprint);
    saved_ = std::chrono::steady_clock::now();
    saved_step_ = where();
  }

  // What a lost rank leaves of the training.
  std::string what_is_kept() const {
    if (!request.group.leads()) return "rank 0 keeps the last checkpoint; continue there with --resume";
    return saved_step_.empty() ? "nothing was saved yet; start again"
                               : "the checkpoint of " + saved_step_ +
                                     " is kept; continue with --resume, on any number of ranks";
  }

  // One exchange a step: gradients and `row` of the whole batch from what the ranks' shares add to them, and
  // whether any rank wants to stop.
  void sum_over_ranks(MetricsLog::Row& row) {
    stop_ = own_wish_to_stop();
    if (ranks().alone()) return;
    std::vector<float> numbers = {float(stop_.sigint), float(stop_.sigterm), float(stop_.out_of_time)};
    for (const auto& [name, value] : row) numbers.push_back(static_cast<float>(value));
    auto& gradients = weights.gradients();
    auto all = torch::cat({gradients, torch::tensor(numbers).to(gradients.device())});
    request.group.sum(all);
    gradients.copy_(all.narrow(0, 0, gradients.numel()));
    const auto rest = all.narrow(0, gradients.numel(), all.numel() - gradients.numel()).cpu();
    const float* sums = rest.data_ptr<float>();
    stop_ = {sums[0] > 0, sums[1] > 0, sums[2] > 0};
    for (size_t i = 0; i < row.size(); ++i) row[i].second = sums[3 + i];
  }

  // Saves when it is time to, and before stopping for a signal or the time limit.
  void after_step(const Optimiser& optimiser) {
    // Equal processors compute equal bits. Weights of unequal ones would drift apart with their rounding.
    if (state.step % kAlignEvery == 0)
      for (const auto& t : {weights.values(), state.average, optimiser.first, optimiser.second})
        request.group.broadcast(t);
    if (ranks().alone()) stop_ = own_wish_to_stop();
    const bool interrupted = stop_.sigint || stop_.sigterm;
    if (interrupted || stop_.out_of_time || seconds_since(saved_) > request.options.checkpoint_every.seconds)
      save(optimiser);
    const auto saved = where() + "; continue with --resume";
    if (interrupted) throw_interrupted(saved, stop_.sigint ? SIGINT : SIGTERM);
    if (stop_.out_of_time) throw Stopped(ExitCode::time_limit, "time limit reached; saved " + saved);
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

 private:
  struct WishToStop {
    bool sigint = false, sigterm = false, out_of_time = false;
  };
  WishToStop own_wish_to_stop() const {
    return {pending_signal() == SIGINT, pending_signal() == SIGTERM,
            request.max_seconds && seconds_since(start_) > *request.max_seconds};
  }

  std::optional<MetricsLog> log_;  // rank 0's
  WishToStop stop_;
  std::string saved_step_;  // "elbo step 30", "" = no checkpoint yet
  double seconds_before_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), saved_ = start_;
};

// --- stage 1

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
          train.dt()};
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

void elbo_stage(Session& s) {
  const ElboOptions& o = s.request.options.elbo;
  if (!s.enter(Stage::elbo)) return;
  auto optimiser = s.make_optimiser(o.clip);
  const Share share = s.ranks().share(o.windows_per_step);
  Progress progress("elbo", o.max_steps, s.state.step, s.request.log_seconds);
  for (; s.state.step < o.max_steps;) {
    const auto batch = draw_windows(s, o, share);
    const auto noise = draw_noise(s, batch, share);
    const double f = static_cast<double>(s.state.step) / static_cast<double>(o.max_steps);
    const double beta = o.beta_warmup > 0 ? std::min(1.0, f / o.beta_warmup) : 1.0;
    auto row = add_gradients(s.weights, share.count, [&](const Ranks& thread) -> Part {
      const Share rows = thread.share(share.count);
      const auto [value, terms] = weighted_elbo(s.model, batch.cut(rows), noise.cut(rows), beta);
      // Per value of the window, so that learning rates do not depend on its size.
      const auto loss = -value / static_cast<double>(batch.a.size(1) * batch.a.size(2));
      const double weight = share.weight() * rows.weight();
      return {weight * loss, row_of(terms, loss, weight)};
    });
    s.sum_over_ranks(row);
    const double shape = one_cycle(s.state.step, o.max_steps, o.warmup);
    const double l = row.front().second, norm = s.weights.gradients().norm().item<double>();
    s.check(l, norm);
    optimiser.step(s.learning_rates(o.lr, o.lr_vectors, shape));
    s.update_average(++s.state.step);
    const double drift_residual = row.back().second;
    if (s.state.step % kLogEvery == 0 || s.state.step == o.max_steps) {
      row.insert(row.end(), {{"beta", beta}, {"learning_rate", o.lr * shape}, {"gradient_norm", norm}});
      s.write_row(row);
    }
    progress.update(s.state.step, fmt::format("loss {:.4f}  drift residual {:.3g} nats", l, drift_residual));
    s.after_step(optimiser);
  }
  progress.finish();
}

// --- stage 2

// A frame at rest counts by the mean energy of the whole batch, of which a rank and a thread have only their
// shares.
void set_mean_energy(RolloutBatch& batch, const Share& share, const RankedGroup& group,
                     const torch::Tensor& frames = {}) {
  auto energy = torch::zeros({1});
  if (share.count > 0) energy += share.weight() * mean_energy(batch, frames).cpu();
  group.sum(energy);
  batch.mean_energy = share.count > 0 ? energy[0].to(batch.a.device()) : energy[0];
}

// Mean relative error of roll-outs from the first validation snapshots, predicted frames only.
double validation_score(Session& s) {
  torch::NoGradGuard no_grad;
  const auto scales = s.model->scales();
  const Share share = s.ranks().share(s.data.val.n_trajectories());
  RolloutBatch batch;
  if (share.count > 0)
    batch =
        first_snapshot_rollouts(s.data.val, s.request.options.rollout, s.model, s.request.score_steps, share);
  set_mean_energy(batch, share, s.request.group);
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
  return score;
}

std::string rollout_stage(Session& s) {
  const RolloutOptions& o = s.request.options.rollout;
  if (!s.enter(Stage::rollout)) return "finished";
  if (s.state.solver_free_score < 0) s.state.solver_free_score = validate(s);
  auto optimiser = s.make_optimiser(o.clip);
  const Share share = s.ranks().share(o.trajectories_per_step), single_share = s.ranks().share(kSnapshots);
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
    const RolloutDraw draw = {.seed = s.seed(), .step = s.state.step, .fraction = f, .ranks = s.ranks()};
    auto batch = draw_rollouts(s.data.train, o, s.model, draw);
    const auto frames = draw_frames(batch, o, s.seed(), s.state.step);
    set_mean_energy(batch, share, s.request.group, frames);
    RolloutBatch single;
    if (o.autoencoder > 0) {
      if (single_share.count > 0) single = draw_snapshots(s.data.train, s.model, draw);
      set_mean_energy(single, single_share, s.request.group);
    }
    auto row = add_gradients(s.weights, share.count, [&](const Ranks& thread) -> Part {
      const Share rows = thread.share(share.count);
      const auto part = batch.cut(rows);
      const auto scales = s.model->scales();
      const auto z = roll_out(s.model, part, scales);
      const auto error =
          share.weight() * rows.weight() * relative_square_error(s.model, part, z, scales, frames).mean();
      auto loss = error;
      if (o.latent_match > 0)
        loss = loss + o.latent_match * share.weight() * rows.weight() *
                          (z - s.model->encode(part.a, scales).detach()).square().mean();
      const Share snapshots = thread.share(single_share.count);
      if (o.autoencoder > 0 && snapshots.count > 0) {
        const auto some = single.cut(snapshots);
        const auto encoded = s.model->encode(some.first, scales).unsqueeze(1);
        loss = loss + o.autoencoder * single_share.weight() * snapshots.weight() *
                          relative_square_error(s.model, some, encoded, scales).mean();
      }
      return {loss, {{"loss", loss.item<double>()}, {"rollout_error", error.item<double>()}}};
    });
    s.sum_over_ranks(row);
    row[1].second = std::sqrt(row[1].second);
    const double shape = one_cycle(s.state.step, o.max_steps, o.warmup);
    const double l = row[0].second, norm = s.weights.gradients().norm().item<double>();
    s.check(l, norm);
    optimiser.step(s.learning_rates(o.lr, o.lr_vectors, shape));
    s.update_average(++s.state.step);
    const bool last = s.state.step == o.max_steps;
    row.insert(row.end(), {{"horizon", static_cast<double>(batch.a.size(1) - 1)},
                           {"learning_rate", o.lr * shape},
                           {"gradient_norm", norm}});
    if (s.state.step % o.validate_every == 0 || last) row.push_back({"val_rel_l2", score = validate(s)});
    if (s.state.step % kLogEvery == 0 || row.back().first == "val_rel_l2") s.write_row(row);
    progress.update(s.state.step, fmt::format("error {:.4f}  val rel_l2 {:.4f} (best {:.4f} @{})",
                                              row[1].second, score, s.state.best_score, s.state.best_step));
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
  const SeenInputs before = spec.seen.known ? spec.seen : source->drift->seen_of_units();
  set_world(spec, data);
  check_fits(spec, data);
  spec.seen = joined(before, spec.seen);
  MultiscaleModel model(spec);
  auto parameters = model->named_parameters(), buffers = model->named_buffers();
  for (const auto& p : source->named_parameters()) parameters[p.key()].copy_(p.value());
  for (const auto& b : source->named_buffers()) buffers[b.key()].copy_(b.value());
  model->drift->measure_what_varies_now(before, data.mu("train"), data.forcing("train"));
  for (auto* t : {&model->dispersion->scale(), &model->initial_scale, &model->observation_variance})
    t->fill_(1);
  return model;
}

}  // namespace

void require_work_for_all(const Ranks& ranks, const TrainOptions& o) {
  const auto require = [&](const char* key, int64_t rows, int64_t steps) {
    if (steps > 0 && rows < ranks.size)
      throw ConfigError(
          fmt::format("--ranks {}: {} = {} leaves some of them without work; use at most {} ranks, or "
                      "raise the key",
                      ranks.size, key, rows, rows));
  };
  require("train.windows_per_step", o.elbo.windows_per_step, o.elbo.max_steps);
  require("rollout.trajectories_per_step", o.rollout.trajectories_per_step, o.rollout.max_steps);
}

std::string TrainSummary::brief() const {
  return fmt::format(
      "trained {} + {} steps in {:.0f} s; validation rel_l2 {:.4f} (solver-free stage alone {:.4f}); {}",
      elbo_steps, rollout_steps, seconds, best_score, solver_free_score, why_stopped);
}

TrainSummary train(const TrainRequest& r) {
  require_work_for_all(r.group.ranks(), r.options);
  const auto start = std::chrono::steady_clock::now();
  const auto tell = [](const std::string& line) { spdlog::info("{}", line); };
  std::optional<Dataset> dataset;
  std::optional<Prepared> prepared;
  Checkpoint training;
  try {
    r.group.together([&] {
      dataset = Dataset::open(r.data_path, r.data);
      if (!r.data_are_finite) dataset->check_finite();
      if (!r.group.leads()) return;
      auto checkpoint = r.resume ? load_checkpoint(r.checkpoint, r.fingerprint) : std::nullopt;
      prepared = checkpoint ? prepare_with(checkpoint->model, r.options.elbo, *dataset, tell)
                 : r.init_from.empty()
                     ? prepare(r.model, r.options.elbo, *dataset, tell)
                     : prepare_with(trained_elsewhere(r.init_from, *dataset), r.options.elbo, *dataset, tell);
      if (checkpoint) training.state = checkpoint->state;
      training.model = prepared->model;
    });
    hand_over(training, r.group);
    r.group.together([&] {
      if (!r.group.leads()) prepared = prepare_with(training.model, r.options.elbo, *dataset, tell);
    });
    r.group.together([&] {
      if (r.group.leads() && r.on_prepared) r.on_prepared(*dataset);
    });
  } catch (const PeerLost& lost) {
    throw PeerLost(
        fmt::format("{}; this session saved nothing: start it again, with --resume where an earlier one did",
                    lost.what()));
  }
  prepared->model->to(r.device);
  prepared->train.to(r.device);
  prepared->val.to(r.device);

  const double seconds_before = training.state.seconds;
  Session session(r, std::move(*prepared), std::move(training.state));
  spdlog::info("{} parameters; {} trajectories of {} snapshots", session.model->parameter_count(),
               session.data.train.n_trajectories(), session.data.train.n_snapshots());
  {
    torch::NoGradGuard no_grad;
    session.model->integration_step.fill_(
        smallest_step(session.data.train, r.options.rollout, session.model));
  }
  std::string why;
  try {
    elbo_stage(session);
    why = rollout_stage(session);
  } catch (const PeerLost& lost) {
    throw PeerLost(fmt::format("{}; {}", lost.what(), session.what_is_kept()));
  }
  const int64_t rollout_steps =
      session.state.stage == Stage::rollout ? session.state.step : r.options.rollout.max_steps;
  TrainSummary summary;
  if (!r.group.leads()) return summary;
  calibration_stage(session, *dataset);

  summary.model = session.model;
  summary.model->to(torch::kCPU);
  summary.seconds = seconds_before + seconds_since(start);
  summary.elbo_steps = r.options.elbo.max_steps;
  summary.rollout_steps = rollout_steps;
  summary.solver_free_score = session.state.solver_free_score;
  summary.best_score = session.state.best_score;
  summary.why_stopped = why;
  return summary;
}

}  // namespace msde
