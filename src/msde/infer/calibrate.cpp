#include "msde/infer/calibrate.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>

#include "msde/eval/metrics/metrics.hpp"
#include "msde/infer/calibration_runs.hpp"
#include "msde/infer/downhill_search.hpp"
#include "msde/model/free_runs.hpp"

namespace msde {
namespace {

constexpr int kPasses = 2;    // of the search over one factor after the other
constexpr int kFactors = 12;  // 2^-10 .. 2
// Of the factors found, which suppose that spread explains all of the error: what a fitted variance leaves of them.
constexpr double kShares[] = {.25, .35, .5, .71, 1};  // beside none
constexpr double kLeastVariance = 1e-12;
constexpr double kBlownUp = 1e300;  // score of what is not finite: JSON has no infinity

double factor_at(int i) {
  return std::ldexp(1., i - 10);
}

// Latent states of members that run freely, as predictions do: [M, B, K, n_z] at frames 1..K, undefined where
// they blow up.
torch::Tensor free_runs(MultiscaleModel& model, const CalibrationRuns& runs, uint64_t seed) {
  const auto spread = model->initial_scale * (0.5 * model->encoder->log_variance()).exp();
  const auto start = runs.z0 + spread * runs.initial_noise;
  const auto path = without_error(
      model, ensemble_paths(model, runs.inputs, start, runs.grid, Scheme::srk, seed), runs.mean, runs.error);
  if (!path.isfinite().all().item<bool>()) return {};
  return path.narrow(2, 1, runs.grid.n_outputs);
}

// Fair CRPS of members z with observation noise of standard deviation `noise`, [P] or [B, 1, P]; infinity where they
// blew up or spread wider than the climate.
double score(MultiscaleModel& model, const CalibrationRuns& runs, const torch::Tensor& z,
             const torch::Tensor& noise) {
  if (!z.defined()) return std::numeric_limits<double>::infinity();
  const auto scales = model->scales();
  auto fields = torch::empty_like(runs.observation_noise);
  // Decoded one after the other: networks on the fine grid are large.
  for (int64_t b = 0; b < z.size(1); ++b)
    fields.select(1, b).copy_(
        model->coordinates->expand_at(model->decode(z.select(1, b), scales), runs.points));
  if (fields.var(0, /*unbiased=*/true).mean(torch::kDouble).item<double>() > runs.climate)
    return std::numeric_limits<double>::infinity();
  fields.addcmul_(runs.observation_noise, noise);
  const auto truth = runs.truth.index_select(-1, runs.points);
  return crps_fair(fields.unsqueeze(3).cpu(), truth.unsqueeze(2).cpu());
}

// What the spread leaves of the squared error, of each trajectory: mean_time (y - ensemble mean)^2
// - (1 + 1/M) var(members), at `points` [B, P], or at all values of the field [B, n_y].
torch::Tensor unexplained(MultiscaleModel& model, const CalibrationRuns& runs, const torch::Tensor& z,
                          const torch::Tensor& points = {}) {
  const auto scales = model->scales();
  const auto M = static_cast<double>(z.size(0));
  std::vector<torch::Tensor> rest;
  for (int64_t b = 0; b < runs.truth.size(0); ++b) {
    const auto states = model->decode(z.select(1, b), scales);
    const auto fields = points.defined() ? model->coordinates->expand_at(states, points)
                                         : model->coordinates->expand(states);  // [M, K, P]
    const auto truth = points.defined() ? runs.truth[b].index_select(-1, points) : runs.truth[b];
    rest.push_back(
        ((truth - fields.mean(0)).square() - (1 + 1 / M) * fields.var(0, /*unbiased=*/true)).mean(0));
  }
  return torch::stack(rest);
}

// `variance` [.., P] at points whose noise of the data is `noise` [P].
torch::Tensor at_least_noise(const torch::Tensor& variance, const torch::Tensor& noise) {
  return torch::maximum(variance, noise.to(variance.scalar_type()).square().clamp_min(kLeastVariance));
}

// Whether there are others for every trajectory.
bool can_leave_out(const CalibrationRuns& runs) {
  return runs.apart.sum(1).min().item<double>() > 0;
}

// Fair CRPS of each trajectory with the observation variance that those leave which share no snapshot with it.
double score_left_out(MultiscaleModel& model, const CalibrationRuns& runs, const torch::Tensor& z,
                      const torch::Tensor& noise) {
  if (!z.defined()) return std::numeric_limits<double>::infinity();
  const auto rest = unexplained(model, runs, z, runs.points);
  const auto weight = (runs.apart / runs.apart.sum(1, /*keepdim=*/true)).to(rest.scalar_type());
  const auto v = at_least_noise(weight.mm(rest), noise);
  return score(model, runs, z, v.sqrt().unsqueeze(1));
}

}  // namespace

std::string CalibrationFit::brief() const {
  const std::string left = left_out > 0 ? fmt::format(", left out {:.4g} ({:.4g} without spread)", left_out,
                                                      left_out_without_spread)
                                        : "";
  return fmt::format(
      "calibrated on {} validation and {} training trajectories: dispersion x {:.3g} (macro), x {:.3g} "
      "(micro), initial spread x {:.3g}; in the model's units fair CRPS {:.4g}{}, mean absolute error of the "
      "point prediction {:.4g}{}",
      of_validation, of_training, macro_dispersion, micro_dispersion, initial_scale, crps, left, point_error,
      std::isnan(point_error) ? ": the point prediction itself blows up"
      : crps >= point_error   ? ": no spread is better than that; members are the point prediction"
      : macro_dispersion + micro_dispersion + initial_scale > 0
          ? ""
          : ": members are the point prediction, and observation noise alone is their spread");
}

CalibrationFit calibrate(MultiscaleModel& model, const Dataset& data, const CalibrateOptions& options,
                         uint64_t seed, const CalibrationSession& session) {
  torch::NoGradGuard no_grad;
  const auto runs = calibration_runs(model, data, options, seed);
  CalibrationFit fit;
  fit.of_validation = runs.of_validation, fit.of_training = runs.of_training;
  fit.point_error = runs.point_error;
  auto macro = model->dispersion->scale().narrow(0, 0, model->n_zeta());
  auto micro = model->dispersion->scale().narrow(0, model->n_zeta(), model->n_eta());
  struct Factor {
    torch::Tensor in_model;
    double* chosen;
    std::optional<int> i;  // chosen = factor_at(i); none: 0
    double now = 0;
    void set(double value) { in_model.fill_(now = value); }
  };
  // From no spread upwards: roll-outs are trained near the data, so members that start far from it may leave
  // for good, and a search that begins among those finds no way back.
  std::vector<Factor> factors = {{model->initial_scale, &fit.initial_scale, {}},
                                 {macro, &fit.macro_dispersion, {}}};
  if (model->n_eta() > 0) factors.push_back({micro, &fit.micro_dispersion, {}});
  for (auto& factor : factors) factor.set(0);
  const std::string trajectories = fmt::format("{}+{} ", runs.of_validation, runs.of_training);
  CalibrationScores own;
  CalibrationScores& known = session.known ? *session.known : own;
  // A score of the factors as they are set, once for each.
  const auto scored = [&](const std::string& what, const std::function<double(const torch::Tensor&)>& of) {
    std::string key = trajectories + what;
    for (const auto& factor : factors) key += fmt::format("{} ", factor.now);
    if (const auto found = known.find(key); found != known.end()) return found->second;
    const double got = of(free_runs(model, runs, seed));
    const double crps = std::isfinite(got) ? got : kBlownUp;
    known[key] = crps;
    session.pause();
    return crps;
  };

  // Factors are looked for with the noise of the data alone: error of the model is for the spread to explain.
  const auto noise_of_all = model->spec().noise_of_values().to(runs.truth.device());
  const auto noise = noise_of_all.index_select(0, runs.points);
  const auto with_noise_of_data = [&] {
    return scored("noise ", [&](const torch::Tensor& z) { return score(model, runs, z, noise); });
  };
  double best_score = with_noise_of_data();
  for (int pass = 0; pass < kPasses; ++pass)
    for (auto& factor : factors) {
      const auto with = [&](int i) {
        factor.set(factor_at(i));
        return with_noise_of_data();
      };
      std::optional<Candidate> start;
      if (factor.i) start = Candidate{*factor.i, best_score};
      const auto best = downhill_search(with, kFactors, start);
      if (best.score < best_score) {
        best_score = best.score;
        factor.i = best.i;
        *factor.chosen = factor_at(best.i);
      }
      factor.set(*factor.chosen);
    }

  // With the variance that is fitted to what the spread leaves, as forecasts have it, some of that spread is too much:
  // how much is said by trajectories that the variance was not fitted to.
  const auto with_share = [&](double share) {
    for (auto& factor : factors) factor.set(share * *factor.chosen);
    return scored("left out ", [&](const torch::Tensor& z) { return score_left_out(model, runs, z, noise); });
  };
  double share = 1;  // where none can be left out
  if (can_leave_out(runs)) {
    fit.left_out = fit.left_out_without_spread = with_share(share = 0);
    for (const double candidate : kShares)
      if (const double crps = with_share(candidate); crps < fit.left_out)
        fit.left_out = crps, share = candidate;
  }
  for (auto& factor : factors) factor.set(*factor.chosen *= share);
  const auto z = free_runs(model, runs, seed);
  if (z.defined())
    model->observation_variance.copy_(at_least_noise(unexplained(model, runs, z).mean(0), noise_of_all));
  fit.crps = score(model, runs, z, model->observation_variance.index_select(0, runs.points).sqrt());
  // A forecast that is worse than its own point prediction has no use: that prediction alone is the ensemble then.
  if (!(fit.crps <= runs.point_error)) {
    for (auto& factor : factors) factor.set(*factor.chosen = 0);
    model->observation_variance.fill_(kLeastVariance);
    fit.crps = runs.point_error;
  }
  return fit;
}

}  // namespace msde
