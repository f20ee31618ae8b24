#include "msde/infer/calibrate.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>

#include "msde/eval/metrics/metrics.hpp"
#include "msde/infer/downhill_search.hpp"
#include "msde/model/free_runs.hpp"
#include "msde/tensor/evenly_spread.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kFrames = 21;       // frames scored, evenly spaced over the horizon
constexpr int64_t kTrajectories = 8;  // of validation, evenly spread
constexpr int64_t kPoints = 2048;     // of the fine grid, evenly spread, that the search scores
constexpr int kPasses = 2;            // of the search over one factor after the other
constexpr int kFactors = 12;          // 2^-10 .. 2
constexpr double kLeastVariance = 1e-12;
constexpr double kBlownUp = 1e300;  // score of what is not finite: JSON has no infinity

double factor_at(int i) {
  return std::ldexp(1., i - 10);
}

struct ValidationRuns {
  torch::Tensor truth;        // [B, K, n_y] noisy, frames 1..K
  torch::Tensor points;       // [P] of the fine grid that the search scores
  torch::Tensor z0;           // [B, n_z]
  torch::Tensor mean, error;  // [B, 1 + K, n_z] the point path, and what the members' integrator adds to it
  Exogenous inputs;
  TimeGrid grid;
  // Of every score alike, so that scores differ by the factors alone:
  torch::Tensor initial_noise;      // [M, B, n_z]
  torch::Tensor observation_noise;  // [M, B, K, P], standard normal
  double climate = 0;               // variance of the truth about its mean over trajectories and frames
  double point_error = 0;           // mean |y - point prediction| at frames 1..K and points
};

ValidationRuns validation_runs(MultiscaleModel& model, const Dataset& stored, const CalibrateOptions& options,
                               uint64_t seed) {
  const auto data = stored.in(model->spec().units);
  const auto split = data.split("val");
  const int64_t snapshots =
      options.n_steps > 0 ? std::min(options.n_steps, split.n_snapshots) : split.n_snapshots;
  const int64_t stride = std::max<int64_t>(1, (snapshots - 1) / (kFrames - 1));
  const int64_t frames = (snapshots - 1) / stride;
  const auto chosen = evenly_spread(split.n_trajectories, kTrajectories);
  std::vector<torch::Tensor> first, truth;
  for (int64_t b = 0; b < chosen.numel(); ++b) {
    const auto i = chosen[b].item<int64_t>();
    first.push_back(data.fields("val", i, 0, 1).flatten(1));
    std::vector<torch::Tensor> rows;
    for (int64_t k = 1; k <= frames; ++k) rows.push_back(data.fields("val", i, k * stride, 1).flatten(1));
    truth.push_back(torch::cat(rows));
  }
  const auto device = model->initial_mean.device();
  ValidationRuns runs;
  runs.truth = torch::stack(truth).to(device);
  runs.points = evenly_spread(data.grid().size(), kPoints).to(device);
  runs.z0 = model->encode(model->coordinates->project(torch::cat(first).to(device)).a, model->scales());
  const auto forcing = data.forcing("val").index_select(0, chosen).narrow(1, 0, stride * frames + 1);
  const auto start = data.times("val").select(1, 0).index_select(0, chosen).to(torch::kFloat);
  runs.inputs = {data.mu("val").index_select(0, chosen).to(device), forcing.to(device), start.to(device),
                 data.dt()};
  const double dt = static_cast<double>(stride) * data.dt();
  runs.grid = {0, dt, frames, model->substeps(dt)};
  const auto like = runs.z0.options();
  const int64_t M = options.members, B = runs.z0.size(0);
  runs.initial_noise = normal({seed, Stream::first_state, 1}, {M, B, runs.z0.size(1)}, like);
  runs.observation_noise =
      normal({seed, Stream::decoder_noise, 0}, {M, B, frames, runs.points.size(0)}, like);
  runs.mean = mean_path(model, runs.inputs, runs.z0, runs.grid);
  runs.error = integration_error(model, runs.inputs, runs.mean, runs.grid, Scheme::srk);
  const auto scored = runs.truth.index_select(-1, runs.points);
  constexpr int64_t kFewFrames = 8;  // too few for a variance of each value: about the mean of all then
  const auto rows = scored.flatten(0, 1);
  runs.climate =
      (rows.size(0) < kFewFrames ? rows.var() : rows.var(0, /*unbiased=*/true).mean()).item<double>();
  const auto scales = model->scales();
  const auto point = model->coordinates->expand_at(
      model->decode(runs.mean.narrow(1, 1, frames).flatten(0, 1), scales), runs.points);
  runs.point_error = (point.view_as(scored) - scored).abs().mean(torch::kDouble).item<double>();
  return runs;
}

// Latent states of members that run freely, as predictions do: [M, B, K, n_z] at frames 1..K, undefined where
// they blow up.
torch::Tensor free_runs(MultiscaleModel& model, const ValidationRuns& runs, uint64_t seed) {
  const auto spread = model->initial_scale * (0.5 * model->encoder->log_variance()).exp();
  const auto start = runs.z0 + spread * runs.initial_noise;
  const auto path = without_error(
      model, ensemble_paths(model, runs.inputs, start, runs.grid, Scheme::srk, seed), runs.mean, runs.error);
  if (!path.isfinite().all().item<bool>()) return {};
  return path.narrow(2, 1, runs.grid.n_outputs);
}

// Fair CRPS of members z with observation noise of standard deviation `noise` [P]; infinity where they blew up or
// spread wider than the climate. Factors are scored with the noise of the data alone: error of the model is for the
// spread to explain. Were the fitted variance added there it would swallow that error, and no spread at all would
// score best.
double score(MultiscaleModel& model, const ValidationRuns& runs, const torch::Tensor& z,
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

// max(s^2, mean_{trajectory, time} (y - ensemble mean)^2 - (1 + 1/M) var(members)), [n_y].
torch::Tensor observation_variance(MultiscaleModel& model, const ValidationRuns& runs,
                                   const torch::Tensor& z) {
  const auto scales = model->scales();
  const auto M = static_cast<double>(z.size(0));
  const auto noise =
      model->spec().noise_of_values().to(runs.truth.device()).square().clamp_min(kLeastVariance);
  auto sum = torch::zeros({runs.truth.size(2)}, runs.truth.options());
  for (int64_t b = 0; b < runs.truth.size(0); ++b) {
    const auto fields = model->coordinates->expand(model->decode(z.select(1, b), scales));  // [M, K, n_y]
    sum +=
        ((runs.truth[b] - fields.mean(0)).square() - (1 + 1 / M) * fields.var(0, /*unbiased=*/true)).mean(0);
  }
  return torch::maximum(sum / runs.truth.size(0), noise.to(sum.scalar_type()));
}

}  // namespace

std::string CalibrationFit::brief() const {
  return fmt::format(
      "calibrated on validation: dispersion x {:.3g} (macro), x {:.3g} (micro), initial spread x {:.3g}; in "
      "the "
      "model's units fair CRPS {:.4g}, {:.4g} without spread, mean absolute error of the point prediction "
      "{:.4g}{}",
      macro_dispersion, micro_dispersion, initial_scale, crps, crps_without_spread, point_error,
      std::isnan(point_error) ? ": the point prediction itself blows up"
      : crps >= point_error   ? ": no spread is better than that; members are the point prediction"
      : macro_dispersion + micro_dispersion + initial_scale > 0
          ? ""
          : ": members are the point prediction, and observation noise alone is their spread");
}

CalibrationFit calibrate(MultiscaleModel& model, const Dataset& data, const CalibrateOptions& options,
                         uint64_t seed, const CalibrationSession& session) {
  torch::NoGradGuard no_grad;
  const auto runs = validation_runs(model, data, options, seed);
  CalibrationFit fit;
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
  const auto noise = model->spec().noise_of_values().to(runs.truth.device()).index_select(0, runs.points);
  CalibrationScores own;
  CalibrationScores& known = session.known ? *session.known : own;
  const auto with_noise_of_data = [&] {
    std::string key;
    for (const auto& factor : factors) key += fmt::format("{} ", factor.now);
    if (const auto found = known.find(key); found != known.end()) return found->second;
    const double got = score(model, runs, free_runs(model, runs, seed), noise);
    const double crps = std::isfinite(got) ? got : kBlownUp;
    known[key] = crps;
    session.pause();
    return crps;
  };
  fit.crps = with_noise_of_data();
  for (int pass = 0; pass < kPasses; ++pass)
    for (auto& factor : factors) {
      const auto with = [&](int i) {
        factor.set(factor_at(i));
        return with_noise_of_data();
      };
      std::optional<Candidate> start;
      if (factor.i) start = Candidate{*factor.i, fit.crps};
      const auto best = downhill_search(with, kFactors, start);
      if (best.score < fit.crps) {
        fit.crps = best.score;
        factor.i = best.i;
        *factor.chosen = factor_at(best.i);
      }
      factor.set(*factor.chosen);
    }
  // With the variance that is fitted to what the spread leaves, as forecasts have it; without spread alike.
  const auto with_fitted_variance = [&](double scale) {
    for (auto& factor : factors) factor.set(scale * *factor.chosen);
    const auto z = free_runs(model, runs, seed);
    if (!z.defined()) return std::numeric_limits<double>::infinity();
    model->observation_variance.copy_(observation_variance(model, runs, z));
    return score(model, runs, z, model->observation_variance.index_select(0, runs.points).sqrt());
  };
  fit.point_error = runs.point_error;
  fit.crps_without_spread = with_fitted_variance(0);
  fit.crps = with_fitted_variance(1);
  if (!(fit.crps <= fit.crps_without_spread)) {
    for (auto& factor : factors) *factor.chosen = 0;
    fit.crps = with_fitted_variance(0);
  }
  // A forecast that is worse than its own point prediction has no use: that prediction alone is the ensemble then.
  if (!(fit.crps <= runs.point_error)) {
    for (auto& factor : factors) factor.set(*factor.chosen = 0);
    model->observation_variance.fill_(kLeastVariance);
    fit.crps = runs.point_error;
  }
  return fit;
}

}  // namespace msde
