#include "msde/infer/train.hpp"

#include <fmt/format.h>

#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/infer/calibrate.hpp"
#include "msde/infer/data/begin_prior.hpp"
#include "msde/infer/data/fill_gaps.hpp"
#include "msde/infer/data/prepare.hpp"
#include "msde/infer/data/rollout_data.hpp"
#include "msde/infer/data/start_from.hpp"
#include "msde/infer/elbo_stage.hpp"
#include "msde/infer/record/checkpoint.hpp"
#include "msde/infer/record/hand_over.hpp"
#include "msde/infer/rollout_stage.hpp"
#include "msde/infer/session.hpp"

namespace msde {
namespace {

// Looks for missing values, and fills them.
void fill_gaps(Dataset& data, const TrainRequest& r, const std::function<void(const std::string&)>& tell) {
  const auto missing = data.check_values();
  if (missing.of_training == 0) return;
  tell(fmt::format(
      "{} of {} values ({:.2g} %) are missing: filled for training from the others of their snapshots, "
      "which count by their share of values",
      missing.values, missing.all,
      100 * static_cast<double>(missing.values) / static_cast<double>(missing.all)));
  data = with_gaps_filled(data, static_cast<uint64_t>(r.options.elbo.seed));
}

// The averaged weights as a model: its members have no spread, for none is fitted yet.
void show_solver_free(Session& s) {
  s.with_average([&] {
    auto& model = s.model;
    for (auto* factor : {&model->dispersion->scale(), &model->initial_scale}) factor->fill_(0);
    model->observation_variance.copy_(model->spec().noise_of_values().square().clamp_min(1e-12));
    s.request.on_solver_free(model);
    for (auto* as_before : {&model->dispersion->scale(), &model->initial_scale, &model->observation_variance})
      as_before->fill_(1);
    return true;
  });
}

// Those that the options leave open, as an earlier session chose them, else from the data.
void choose_steps(TrainRequest& r, const Prepared& prepared, TrainState& state) {
  const auto& train = prepared.train;
  const double change = train.dt() * prepared.model->drift->rate();
  if (state.steps.stride == 0)
    state.steps = choose_time_steps(r.options, {change, train.n_snapshots(), r.score_steps});
  if (const auto chosen = chosen_steps(r.options, state.steps); !chosen.empty())
    spdlog::info("from the data, whose macroscale changes by its own size in {:.3g} snapshots: {}",
                 1 / change, chosen);
  r.options = with_time_steps(r.options, state.steps);
}

// A checkpoint is of the same configuration, so no stage is beyond its last step.
void require_steps_of(const TrainOptions& o, const TrainState& state, const std::string& checkpoint) {
  if (state.stage == Stage::calibrate) return;  // counts ensembles
  const int64_t last = state.stage == Stage::elbo ? o.elbo.max_steps : o.rollout.max_steps;
  if (state.step > last)
    throw ModelFormatError(
        fmt::format("{}: says {} step {} of {}", checkpoint, to_string(state.stage), state.step, last));
}

// Stage 3: the spread of free-running ensembles.
void calibration_stage(Session& s, const Dataset& dataset) {
  torch::NoGradGuard no_grad;
  s.weights.values().copy_(s.state.best_score >= 0 ? s.state.best : s.state.average);
  CalibrateOptions o = s.request.options.calibrate;
  if (o.n_steps == 0) o.n_steps = s.request.score_steps;
  s.save_before_calibration();
  const auto fit =
      calibrate(s.model, dataset, o, s.seed(), {&s.state.calibration, [&] { s.save_and_stop_if_asked(); }});
  spdlog::info("{}", fit.brief());
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
      "trained {} + {} steps in {:.0f} s; validation rel_l2 {:.4g} (solver-free stage alone {:.4g}); {}",
      elbo_steps, rollout_steps, seconds, best_score, solver_free_score, why_stopped);
}

TrainSummary train(const TrainRequest& asked) {
  TrainRequest r = asked;
  require_work_for_all(r.group.ranks(), r.options);
  const Stopwatch begun;
  const auto tell = [](const std::string& line) { spdlog::info("{}", line); };
  std::optional<Dataset> dataset;
  std::optional<Prepared> prepared;
  Checkpoint training;
  try {
    r.group.together([&] {
      dataset = Dataset::open(r.data_path, r.data);
      if (!r.no_value_is_missing) fill_gaps(*dataset, r, tell);
      if (!r.group.leads()) return;
      auto checkpoint = r.resume ? load_checkpoint(r.checkpoint, r.fingerprint) : std::nullopt;
      prepared = checkpoint ? prepare_with(checkpoint->model, r.options.elbo, *dataset, tell)
                 : r.init_from.empty()
                     ? prepare(r.model, r.options.elbo, *dataset, tell, r.channel_weights)
                     : prepare_with(trained_elsewhere(r.init_from, *dataset), r.options.elbo, *dataset, tell);
      if (!checkpoint && !r.init_from.empty() && !prepared->model->prior.is_empty())
        set_snapshot_prior(prepared->model, prepared->train, static_cast<uint64_t>(r.options.elbo.seed));
      if (!checkpoint && !r.init_from.empty()) continue_prior(*prepared, tell);
      if (checkpoint) {
        require_steps_of(r.options, checkpoint->state, r.checkpoint);
        training.state = checkpoint->state;
      }
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
  choose_steps(r, *prepared, training.state);
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
        smallest_step(session.data.train, {r.options.rollout}, session.model));
  }
  try {
    const bool begins = session.state.stage == Stage::elbo;
    elbo_stage(session);
    if (begins && r.group.leads() && r.on_solver_free) show_solver_free(session);
    rollout_stage(session);
  } catch (const PeerLost& lost) {
    throw PeerLost(fmt::format("{}; {}", lost.what(), session.what_is_kept()));
  }
  TrainSummary summary;
  if (!r.group.leads()) return summary;
  calibration_stage(session, *dataset);

  summary.model = session.model;
  summary.model->to(torch::kCPU);
  summary.seconds = seconds_before + begun.seconds();
  summary.elbo_steps = r.options.elbo.max_steps;
  summary.rollout_steps = session.state.rollout_steps;
  summary.solver_free_score = session.state.solver_free_score;
  summary.best_score = session.state.best_score;
  summary.steps = session.state.steps;
  summary.why_stopped = session.state.why_stopped;
  return summary;
}

}  // namespace msde
