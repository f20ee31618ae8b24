#include "msde/infer/calibrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "msde/core/signals.hpp"
#include "msde/eval/metrics.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kFrames = 21;  // frames scored, evenly spaced over the horizon
constexpr int kPasses = 2;       // of the search over one factor after the other
const double kFactors[] = {1. / 1024, 1. / 512, 1. / 256, 1. / 128, 1. / 64, 1. / 32,
                           1. / 16,   1. / 8,   0.25,     0.5,      1.0,     2.0};
constexpr double kLeastVariance = 1e-12;
constexpr int64_t kMostValues = int64_t{1} << 25;  // of all members at once: bounds memory and time

struct ValidationRuns {
  torch::Tensor truth;  // [B, K, n_y] noisy, frames 1..K
  torch::Tensor z0;     // [B, n_z]
  Exogenous inputs;
  TimeGrid grid;
};

ValidationRuns validation_runs(MultiscaleModel& model, const Dataset& data, const CalibrateOptions& o) {
  const auto split = data.split("val");
  const int64_t snapshots = o.n_steps > 0 ? std::min(o.n_steps, split.n_snapshots) : split.n_snapshots;
  const int64_t stride = std::max<int64_t>(1, (snapshots - 1) / (kFrames - 1));
  const int64_t frames = (snapshots - 1) / stride;
  const int64_t each = o.members * frames * model->coordinates->fine_size();
  const int64_t B = std::clamp<int64_t>(kMostValues / each, 1, split.n_trajectories);
  const auto chosen =
      torch::linspace(0, static_cast<double>(split.n_trajectories - 1), B).round().to(torch::kLong);
  std::vector<torch::Tensor> first, truth;
  for (int64_t b = 0; b < B; ++b) {
    const int64_t i = chosen[b].item<int64_t>();
    first.push_back(data.fields("val", i, 0, 1).flatten(1));
    std::vector<torch::Tensor> rows;
    for (int64_t k = 1; k <= frames; ++k) rows.push_back(data.fields("val", i, k * stride, 1).flatten(1));
    truth.push_back(torch::cat(rows));
  }
  const auto device = model->initial_mean.device();
  ValidationRuns runs;
  runs.truth = torch::stack(truth).to(device);
  runs.z0 = model->encode(model->coordinates->project(torch::cat(first).to(device)).a, model->scales());
  const auto of_chosen = [&](const torch::Tensor& x) { return x.index_select(0, chosen).to(device); };
  runs.inputs = {of_chosen(data.mu("val")), of_chosen(data.forcing("val")).narrow(1, 0, stride * frames + 1),
                 of_chosen(data.times("val")).select(1, 0).to(torch::kFloat), data.dt()};
  const double dt = static_cast<double>(stride) * data.dt();
  runs.grid = {0, dt, frames, model->substeps(dt)};
  return runs;
}

struct Scored {
  double crps = std::numeric_limits<double>::infinity();
  torch::Tensor observation_variance;  // [n_y]
};

Scored score(MultiscaleModel& model, const ValidationRuns& runs, int64_t members, uint64_t seed) {
  throw_if_interrupted();
  const std::vector<int64_t> shape = {members, runs.z0.size(0), runs.z0.size(1)};
  const auto spread = model->initial_scale * (0.5 * model->encoder->log_variance()).exp();
  const auto start = runs.z0 + spread * normal({seed, Stream::first_state, 1}, shape, runs.z0.options());
  const auto path = integrate(Scheme::heun, latent_sde(model, runs.inputs), start, runs.grid,
                              keyed_brownian_path(seed, shape, runs.z0.options()));
  if (!path.isfinite().all().item<bool>()) return {};
  const auto z = path.narrow(0, 1, runs.grid.n_outputs).movedim(0, 2);          // [M, B, K, n_z]
  auto fields = model->coordinates->expand(model->decode(z, model->scales()));  // [M, B, K, n_y]

  const double M = static_cast<double>(members);
  const auto excess = (runs.truth - fields.mean(0)).square() - (1 + 1 / M) * fields.var(0, /*unbiased=*/true);
  const double s = model->spec().noise_std;
  Scored result;
  result.observation_variance = excess.flatten(0, 1).mean(0).clamp_min(std::max(s * s, kLeastVariance));
  // Scored with the observation noise alone: error of the model is for the spread to explain. Were the fitted
  // variance added here it would swallow that error, and no spread at all would score best.
  fields.add_(s * normal({seed, Stream::decoder_noise, 0}, fields.sizes(), fields.options()));
  result.crps = crps_fair(fields.unsqueeze(3).cpu(), runs.truth.unsqueeze(2).cpu());
  return result;
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
  const auto runs = validation_runs(model, data, options);
  // From no spread upwards: roll-outs are trained near the data, so members that start far from it may leave
  // for good, and a search that begins among those finds no way back.
  CalibrationFit fit;
  auto macro = model->dispersion->scale().narrow(0, 0, model->n_zeta());
  auto micro = model->dispersion->scale().narrow(0, model->n_zeta(), model->n_eta());
  macro.fill_(fit.macro_dispersion);
  micro.fill_(fit.micro_dispersion);
  model->initial_scale.fill_(fit.initial_scale);
  auto best = score(model, runs, options.members, seed);
  fit.crps_without_spread = best.crps;

  auto search = [&](torch::Tensor& factor, double& chosen) {
    for (double candidate : kFactors) {
      factor.fill_(candidate);
      auto scored = score(model, runs, options.members, seed);
      if (scored.crps < best.crps) {
        best = scored;
        chosen = candidate;
      }
    }
    factor.fill_(chosen);
  };
  for (int pass = 0; pass < kPasses; ++pass) {
    search(model->initial_scale, fit.initial_scale);
    search(macro, fit.macro_dispersion);
    if (model->n_eta() > 0) search(micro, fit.micro_dispersion);
  }
  fit.crps = best.crps;
  if (best.observation_variance.defined()) model->observation_variance.copy_(best.observation_variance);
  return fit;
}

}  // namespace msde
