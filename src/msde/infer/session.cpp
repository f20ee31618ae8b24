#include "msde/infer/session.hpp"

#include <fmt/format.h>

#include <cmath>
#include <csignal>

#include "msde/core/error.hpp"
#include "msde/core/process/signals.hpp"

namespace msde {
namespace {

constexpr int64_t kAlignEvery = 100;    // steps between two alignments of the ranks' weights
constexpr double kDivergedLoss = 1e10;  // finite, but nothing comes back from there

}  // namespace

Session::Session(const TrainRequest& r, Prepared prepared, TrainState restored)
    : request(r),
      data(std::move(prepared)),
      model(data.model),
      weights(model->trained_parameters()),
      state(std::move(restored)),
      centre(centre_of(model->spec().units, model->spec().grid, model->coordinates)),
      seconds_before_(state.seconds) {
  if (r.group.leads()) log_.emplace(r.metrics_csv, to_string(state.stage), state.step);
  if (state.first.defined()) saved_step_ = where();
  if (!state.average.defined()) state.average = weights.values().clone();
  if (!state.best.defined()) state.best = weights.values().clone();
  for (auto* t : {&state.average, &state.best}) *t = t->to(r.device);
}

std::string Session::where() const {
  return fmt::format("{} step {}", to_string(state.stage), state.step);
}

bool Session::enter(Stage stage) {
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

Optimiser Session::make_optimiser(double clip) {
  Optimiser optimiser(weights, {.muon = request.options.elbo.optimiser == "muon", .clip = clip});
  if (state.first.defined()) {
    optimiser.first = state.first.to(request.device);
    optimiser.second = state.second.to(request.device);
    optimiser.steps = state.optimiser_steps;
  }
  return optimiser;
}

LearningRates Session::learning_rates(double muon_peak, double adam_peak, double shape) const {
  const bool muon = request.options.elbo.optimiser == "muon";
  return {muon_peak * shape, (muon ? adam_peak : muon_peak) * shape};
}

void Session::write_row(const MetricsLog::Row& row) {
  if (log_) log_->write(to_string(state.stage), state.step, row);
}

void Session::sum_over_ranks(MetricsLog::Row& row) {
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

bool Session::is_sound(double loss, double gradient_norm) {
  return std::isfinite(loss) && std::isfinite(gradient_norm) && std::abs(loss) < kDivergedLoss;
}

void Session::check(double loss, double gradient_norm, const std::string& advice) const {
  if (is_sound(loss, gradient_norm)) return;
  throw NumericsError(fmt::format(
      "training diverged at {} step {}: loss {:.4g}, gradient norm {:.4g}; {}; {}", to_string(state.stage),
      state.step + 1, loss, gradient_norm,
      saved_step_.empty() ? "no checkpoint was saved yet" : "the checkpoint of " + saved_step_ + " is kept",
      advice));
}

void Session::update_average(int64_t step) {
  // Early on the average must forget the start: its decay grows to the one asked for.
  const double keep = std::min(request.options.elbo.ema, (1.0 + step) / (10.0 + step));
  state.average.lerp_(weights.values(), 1 - keep);
}

void Session::start_again_from_best() {
  request.group.broadcast(state.best);  // of ranks whose rounding differs, too
  torch::NoGradGuard no_grad;
  weights.values().copy_(state.best);
  state.average.copy_(state.best);
  state.first = state.second = torch::Tensor();
  state.optimiser_steps = 0;
}

void Session::save(const Optimiser& optimiser) {
  if (!request.group.leads()) return;
  state.first = optimiser.first;
  state.second = optimiser.second;
  state.optimiser_steps = optimiser.steps;
  save_state();
}

void Session::save_state() {
  state.seconds = seconds_before_ + begun_.seconds();
  save_checkpoint(request.checkpoint, model, state, request.fingerprint);
  saved_.restart();
  saved_step_ = where();
}

void Session::after_step(const Optimiser& optimiser) {
  // Equal processors compute equal bits. Weights of unequal ones would drift apart with their rounding.
  if (state.step % kAlignEvery == 0)
    for (const auto& t : {weights.values(), state.average, optimiser.first, optimiser.second})
      request.group.broadcast(t);
  if (ranks().alone()) stop_ = own_wish_to_stop();
  const bool interrupted = stop_.sigint || stop_.sigterm;
  if (interrupted || stop_.out_of_time || saved_.seconds() > request.options.checkpoint_every.seconds)
    save(optimiser);
  stop(stop_);
}

void Session::stop(const WishToStop& wish) const {
  const auto saved = where() + "; continue with --resume";
  if (wish.sigint || wish.sigterm)
    throw_interrupted(saved, wish.sigint ? SIGINT : pending_signal() ? pending_signal() : SIGTERM);
  if (wish.out_of_time) throw Stopped(ExitCode::time_limit, "time limit reached; saved " + saved);
}

void Session::save_before_calibration() {
  if (state.stage != Stage::calibrate) {
    state.stage = Stage::calibrate;
    state.step = 0;
    state.first = torch::zeros_like(weights.values()), state.second = state.first;
    state.optimiser_steps = 0;
    save_state();
  }
}

void Session::save_and_stop_if_asked() {
  const auto wish = own_wish_to_stop();
  state.step = static_cast<int64_t>(state.calibration.size());
  if (wish.sigint || wish.sigterm || wish.out_of_time ||
      saved_.seconds() > request.options.checkpoint_every.seconds)
    save_state();
  stop(wish);
}

std::string Session::what_is_kept() const {
  if (!request.group.leads()) return "rank 0 keeps the last checkpoint; continue there with --resume";
  return saved_step_.empty() ? "no checkpoint was saved yet; start again"
                             : "the checkpoint of " + saved_step_ +
                                   " is kept; continue with --resume, on any number of ranks";
}

Session::WishToStop Session::own_wish_to_stop() const {
  const int signal = pending_signal();
  return {signal == SIGINT, signal != 0 && signal != SIGINT,
          request.max_seconds && begun_.seconds() > *request.max_seconds};
}

}  // namespace msde
