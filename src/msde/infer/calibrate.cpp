#include "msde/infer/calibrate.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "msde/core/signals.hpp"
#include "msde/eval/metrics.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kFrames = 21;       // frames scored, evenly spaced over the horizon
constexpr int64_t kTrajectories = 8;  // of validation, evenly spread
constexpr int64_t kPoints = 2048;     // of the fine grid, evenly spread, that the search scores
constexpr int kPasses = 2;            // of the search over one factor after the other
const double kFactors[] = {1. / 1024, 1. / 512, 1. / 256, 1. / 128, 1. / 64, 1. / 32,
                           1. / 16,   1. / 8,   0.25,     0.5,      1.0,     2.0};
constexpr double kLeastVariance = 1e-12;

torch::Tensor evenly_spread(int64_t n, int64_t most) {  // int64 [min(n, most)] of 0 .. n - 1
  return torch::linspace(0, static_cast<double>(n - 1), std::min(n, most), torch::kDouble)
      .round()
      .to(torch::kLong);
}

struct ValidationRuns {
  torch::Tensor truth;   // [B, K, n_y] noisy, frames 1..K
  torch::Tensor points;  // [P] of the fine grid that the search scores
  torch::Tensor z0;      // [B, n_z]
  Exogenous inputs;
  TimeGrid grid;
};

ValidationRuns validation_runs(MultiscaleModel& model, const Dataset& data, int64_t n_steps) {
  const auto split = data.split("val");
  const int64_t snapshots = n_steps > 0 ? std::min(n_steps, split.n_snapshots) : split.n_snapshots;
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
  return runs;
}

// Latent states of members that run freely: [M, B, K, n_z] at frames 1..K, undefined where they blow up.
torch::Tensor free_runs(MultiscaleModel& model, const ValidationRuns& runs, int64_t members, uint64_t seed) {
  const std::vector<int64_t> shape = {members, runs.z0.size(0), runs.z0.size(1)};
  const auto spread = model->initial_scale * (0.5 * model->encoder->log_variance()).exp();
  const auto start = runs.z0 + spread * normal({seed, Stream::first_state, 1}, shape, runs.z0.options());
  const auto path = integrate(Scheme::heun, latent_sde(model, runs.inputs), start, runs.grid,
                              keyed_brownian_path(seed, shape, runs.z0.options()));
  if (!path.isfinite().all().item<bool>()) return {};
  return path.narrow(0, 1, runs.grid.n_outputs).movedim(0, 2);
}

// Fair CRPS with the observation noise alone: error of the model is for the spread to explain. Were the
// fitted variance added here it would swallow that error, and no spread at all would score best.
double score(MultiscaleModel& model, const ValidationRuns& runs, int64_t members, uint64_t seed) {
  throw_if_interrupted();
  const auto z = free_runs(model, runs, members, seed);
  if (!z.defined()) return std::numeric_limits<double>::infinity();
  const auto scales = model->scales();
  std::vector<torch::Tensor>
      by_trajectory;  // decoded one after the other: networks on the fine grid are large
  for (int64_t b = 0; b < z.size(1); ++b)
    by_trajectory.push_back(
        model->coordinates->expand_at(model->decode(z.select(1, b), scales), runs.points));
  auto fields = torch::stack(by_trajectory, 1);  // [M, B, K, P]
  const double s = model->spec().noise_std;
  fields.add_(s * normal({seed, Stream::decoder_noise, 0}, fields.sizes(), fields.options()));
  const auto truth = runs.truth.index_select(-1, runs.points);
  return crps_fair(fields.unsqueeze(3).cpu(), truth.unsqueeze(2).cpu());
}

// max(s^2, mean_{trajectory, time} (y - ensemble mean)^2 - (1 + 1/M) var(members)), [n_y].
torch::Tensor observation_variance(MultiscaleModel& model, const ValidationRuns& runs, int64_t members,
                                   uint64_t seed) {
  const auto z = free_runs(model, runs, members, seed);
  const auto scales = model->scales();
  const double M = static_cast<double>(members), s = model->spec().noise_std;
  auto sum = torch::zeros({runs.truth.size(2)}, runs.truth.options());
  for (int64_t b = 0; b < runs.truth.size(0); ++b) {
    const auto fields = model->coordinates->expand(model->decode(z.select(1, b), scales));  // [M, K, n_y]
    sum +=
        ((runs.truth[b] - fields.mean(0)).square() - (1 + 1 / M) * fields.var(0, /*unbiased=*/true)).mean(0);
  }
  return (sum / runs.truth.size(0)).clamp_min(std::max(s * s, kLeastVariance));
}

}  // namespace

std::string CalibrationFit::brief() const {
  return fmt::format(
      "calibrated on validation: dispersion x {:.3g} (macro), x {:.3g} (micro), initial spread x {:.3g}; "
      "fair CRPS {:.4g}, {:.4g} without spread",
      macro_dispersion, micro_dispersion, initial_scale, crps, crps_without_spread);
}

CalibrationFit calibrate(MultiscaleModel& model, const Dataset& data, const CalibrateOptions& options,
                         uint64_t seed) {
  torch::NoGradGuard no_grad;
  const auto runs = validation_runs(model, data, options.n_steps);
  // From no spread upwards: roll-outs are trained near the data, so members that start far from it may leave
  // for good, and a search that begins among those finds no way back.
  CalibrationFit fit;
  auto macro = model->dispersion->scale().narrow(0, 0, model->n_zeta());
  auto micro = model->dispersion->scale().narrow(0, model->n_zeta(), model->n_eta());
  macro.fill_(fit.macro_dispersion);
  micro.fill_(fit.micro_dispersion);
  model->initial_scale.fill_(fit.initial_scale);
  fit.crps = fit.crps_without_spread = score(model, runs, options.members, seed);

  auto search = [&](torch::Tensor& factor, double& chosen) {
    for (double candidate : kFactors) {
      factor.fill_(candidate);
      const double crps = score(model, runs, options.members, seed);
      if (crps < fit.crps) fit.crps = crps, chosen = candidate;
    }
    factor.fill_(chosen);
  };
  for (int pass = 0; pass < kPasses; ++pass) {
    search(model->initial_scale, fit.initial_scale);
    search(macro, fit.macro_dispersion);
    if (model->n_eta() > 0) search(micro, fit.micro_dispersion);
  }
  if (std::isfinite(fit.crps))
    model->observation_variance.copy_(observation_variance(model, runs, options.members, seed));
  return fit;
}

}  // namespace msde
