#include "msde/infer/data/begin_prior.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <limits>

#include "msde/infer/data/fit_terms.hpp"
#include "msde/infer/data/rollout_data.hpp"
#include "msde/infer/rollout.hpp"
#include "msde/tensor/evenly_spread.hpp"

namespace msde {
namespace {

constexpr int64_t kScoredFrames = 50;  // of a roll-out that judges
constexpr double kInfinite = std::numeric_limits<double>::infinity();

// Steps that are stable with the coefficients of the prior as they are.
void measure_stiffness(const Prepared& p) {
  constexpr int64_t kStates = 16;  // at which it is measured
  auto& prior = *p.model->drift->prior();
  auto model = p.model;
  const int64_t N = p.train.n_trajectories(), T = p.train.n_snapshots();
  const auto chosen = evenly_spread(N * T, kStates);
  const auto g = p.train.gather(chosen.div(T, "floor"), chosen.remainder(T).unsqueeze(1));
  const auto z = model->encode(g.a.select(1, 0), model->scales()).narrow(-1, 0, prior.space().n);
  prior.measure_stiffness(z, {g.t, g.mu, g.f.select(1, 0)});
}

// Snapshots of training in spans of time, of all trajectories.
std::vector<torch::Tensor> spans_of_time(const TrainingData& train, int64_t K) {
  constexpr int64_t kMost = 4096;  // snapshots of a span
  const int64_t N = train.n_trajectories(), T = train.n_snapshots();
  std::vector<torch::Tensor> spans;
  for (int64_t k = 0; k < K; ++k) {
    const int64_t first = k * T / K, length = (k + 1) * T / K - first;
    const auto chosen = evenly_spread(N * length, kMost);
    spans.push_back(train.gather(chosen.div(length, "floor"), (first + chosen.remainder(length)).unsqueeze(1))
                        .a.select(1, 0));
  }
  return spans;
}

}  // namespace

bool is_affordable(const Prepared& p) {
  constexpr double kMostSteps = 2e5;  // of RK4
  const double duration = p.val.dt() * static_cast<double>(p.val.n_snapshots());
  return duration * p.model->drift->fastest_rate() < kMostSteps;
}

double validation_error(const Prepared& p) {
  auto model = p.model;
  if (!is_affordable(p)) return kInfinite;
  const int64_t stride = std::max<int64_t>(1, (p.val.n_snapshots() - 1) / kScoredFrames);
  RolloutPlan plan;
  plan.stride = plan.stride_min = stride;
  const auto scales = model->scales();
  auto batch = first_snapshot_rollouts(p.val, plan, model, 0, validated_trajectories(p.val));
  batch.centre = centre_of(p.model->spec().units, p.model->spec().grid, p.model->coordinates);
  const auto error = relative_square_error(model, batch, roll_out(model, batch, scales), scales).sqrt();
  const double mean = error.narrow(1, 1, error.size(1) - 1).mean().item<double>();
  return std::isfinite(mean) ? mean : kInfinite;
}

void begin_prior(Prepared& p, const Dataset& stored, const Tell& tell) {
  auto model = p.model;
  auto* prior = model->drift->prior();
  if (prior == nullptr) return;
  prior->measure(model->spec().units.time_origin, model->spec().units.time_scale);
  const auto& terms = prior->terms();
  std::vector<int64_t> candidates, all;
  for (int64_t k = 0; k < terms.size(); ++k) {
    if (k >= terms.n_known) candidates.push_back(k);
    all.push_back(k);
  }
  std::vector<torch::Tensor> choices = {prior->beginning()};
  const bool learns = model->spec().options.prior.learn;
  if (learns || !candidates.empty()) {
    const TrainingData as_measured(model->seen(stored), "train", model->coordinates,
                                   model->spec().own_clock());
    if (!candidates.empty()) choices.push_back(fit_terms(model, as_measured, p.val, candidates));
    if (learns) choices.push_back(fit_terms(model, as_measured, p.val, all));
  }
  size_t best = 0;
  double least = kInfinite;
  for (size_t i = 0; i < choices.size() && choices.size() > 1; ++i) {
    prior->set_coefficients(choices[i]);
    measure_stiffness(p);
    const double error = validation_error(p);
    if (error < least) least = error, best = i;
  }
  prior->set_coefficients(choices[best]);
  measure_stiffness(p);
  std::vector<std::string> texts;
  const auto values = prior->coefficients().cpu();
  for (int64_t k = 0; k < terms.size(); ++k)
    texts.push_back(
        fmt::format("{:.5g} of {}", values[k].item<double>(), terms.texts[static_cast<size_t>(k)]));
  tell(fmt::format("prior: training begins with {}", fmt::join(texts, ", ")));
}

int64_t spans_of_first_states(const ModelSpec& spec, int64_t n, int64_t n_snapshots) {
  constexpr int64_t kSpans = 16, kMostValues = int64_t{1} << 22, kLeastSnapshots = 4;
  if (!spec.options.is_linear() || spec.noise() <= 0) return 0;
  return std::min({kSpans, n_snapshots / kLeastSnapshots, kMostValues / (n * n)});
}

void choose_first_state(Prepared& p, const Tell& tell) {
  constexpr double kWidenings[] = {16, 4, 1};
  auto& first = p.model->first_state;
  if (first.is_empty()) return;
  if (p.train.n_snapshots() < p.model->spec().n_first || p.model->spec().noise() <= 0)
    return first->leave_as_it_is();
  const auto spans = spans_of_time(p.train, p.model->spec().n_first);
  const double without = validation_error(p);
  double best = without, chosen = 0;
  for (const double widening : kWidenings) {
    first->set(learn_mixture(spans, widening, p.model->spec().noise()));
    const double error = validation_error(p);
    if (error < best) best = error, chosen = widening;
  }
  if (chosen > 0)
    first->set(learn_mixture(spans, chosen, p.model->spec().noise()));
  else
    first->leave_as_it_is();
  tell(chosen > 0
           ? fmt::format("first snapshots are read with what {} spans of training's time tell of them: "
                         "validation rel_l2 "
                         "{:.4g}, {:.4g} without",
                         spans.size(), best, without)
           : "first snapshots are read as they are: what training tells of them does not help on validation");
}

void continue_prior(Prepared& p, const Tell& tell) {
  torch::NoGradGuard no_grad;
  if (p.model->drift->prior() == nullptr) return;
  measure_stiffness(p);
  choose_first_state(p, tell);
}

}  // namespace msde
