#include "msde/infer/data/prepare.hpp"

#include <fmt/format.h>

#include <limits>

#include "msde/core/error.hpp"
#include "msde/field/noise_estimate.hpp"
#include "msde/scales/local_modes.hpp"
#include "msde/scales/reduced_filter.hpp"
#include "msde/scales/reduced_space.hpp"

namespace msde {
namespace {

constexpr double kRounding = std::numeric_limits<float>::epsilon();
constexpr double kLeastRate = 1e-6;    // of change per duration: a field that stands still has no rate
constexpr int64_t kRateLag = 10;       // snapshots between which the rate of change of zeta is measured
constexpr double kMicroInputGain = 3;  // the largest residual coordinate enters the encoder with rms 3 ..
constexpr double kMicroOutputGain =
    1. / 3;  // .. and the decoder's unit output is a third of the largest micro rms
constexpr double kLocalOutputGain = 3;
constexpr int64_t kSample = 64;                      // snapshots per trajectory that set the units ..
constexpr int64_t kSampleValues = int64_t{1} << 25;  // .. fewer where all together would be more values

double rms(const torch::Tensor& x) {
  return std::sqrt(x.square().mean(torch::kDouble).item<double>());
}

// Rms of the coordinate that varies most, at least the rounding of what x is a part of, so that neither is
// anything divided by zero nor rounding taken for a signal.
double largest_rms(const torch::Tensor& x, double whole) {
  return std::max(kRounding * whole, std::sqrt(x.flatten(0, -2).square().mean(0).max().item<double>()));
}

void set_units(MultiscaleModel& model, const TrainingData& train, const Dataset& data) {
  const auto scales = model->scales();
  const int64_t N = train.n_trajectories(), T = train.n_snapshots();
  auto all = torch::arange(N, torch::kLong);
  const int64_t affordable = std::max<int64_t>(2, kSampleValues / (N * model->coordinates->size()));
  const int64_t sample = std::min({kSample, T, affordable});
  auto index = torch::linspace(0, static_cast<double>(T - 1), sample).round().to(torch::kLong);
  const auto a = train.gather(all, index.expand({N, -1})).a;
  if (a.abs().max().item<double>() == 0)
    throw DataError(data.path() + ": 'train_x' is 0 everywhere; there is nothing to learn");

  auto zeta = scales.restrict_to_macro(a);
  // One unit per channel, not per cell: the shared macro drift must see all cells alike.
  const int64_t C = data.grid().channels;
  auto by_channel = zeta.view({-1, C, zeta.size(-1) / C}).transpose(0, 1).flatten(1);
  // A channel that is constant has the unit of its own size; one that is 0 has 1.
  auto size = by_channel.square().mean(1).sqrt();
  auto deviation = by_channel.std(1, /*unbiased=*/false);
  auto constant = deviation <= kRounding * size;
  MacroUnits units = {
      by_channel.mean(1),
      torch::where(constant, torch::where(size > 0, size, torch::ones_like(size)), deviation)};
  units = {units.mean.repeat_interleave(zeta.size(-1) / C), units.std.repeat_interleave(zeta.size(-1) / C)};
  const double whole = largest_rms(a, 0);
  model->encoder->set_units(units, largest_rms(scales.residual(a), whole) / kMicroInputGain);
  model->decoder->set_micro_scale(largest_rms(a - scales.prolong(zeta), whole) * kMicroOutputGain);

  const int64_t lag = std::min(kRateLag, T - 1);
  auto pairs = torch::stack({index.clamp_max(T - 1 - lag), index.clamp_max(T - 1 - lag) + lag}, 1).view({-1});
  auto moved = scales.restrict_to_macro(train.gather(all, pairs.expand({N, -1})).a) / units.std;
  moved = moved.view({N, -1, 2, zeta.size(-1)});
  auto change = (moved.select(2, 1) - moved.select(2, 0)) / (static_cast<double>(lag) * data.dt());

  InputUnits::Values inputs;
  inputs.t_begin = model->spec().t_begin;
  inputs.t_end = model->spec().t_end;
  const auto mu = standardisation(data.mu("train")), f = standardisation(data.forcing("train"));
  inputs.mu_mean = mu.mean, inputs.mu_std = mu.scale;
  inputs.f_mean = f.mean, inputs.f_std = f.scale;
  model->drift->inputs.set(inputs);
  model->drift->set_rate(std::max(kLeastRate / (inputs.t_end - inputs.t_begin), rms(change)));

  auto z = model->encode(a, scales).flatten(0, -2);
  model->initial_mean.copy_(z.mean(0));
}

}  // namespace

void set_world(ModelSpec& spec, const Dataset& data) {
  spec.case_name = data.case_name();
  spec.dt = data.dt();
  spec.t_begin = data.times("train").min().item<double>();
  spec.t_end = data.times("train").max().item<double>();
  spec.noise_std = observation_noise(data);
  spec.seen = seen_inputs(data.mu("train"), data.forcing("train"));
}

double observation_noise(const Dataset& data) {
  return data.noise_std() ? *data.noise_std() : estimate_noise_std(data);
}

Prepared prepare_with(MultiscaleModel model, const ElboOptions& options, const Dataset& data,
                      const std::function<void(const std::string&)>& tell) {
  const ModelSpec& spec = model->spec();
  check_fits(spec, data);
  TrainingData train(data, "train", model->coordinates), val(data, "val", model->coordinates);
  if (options.denoise)
    if (const auto line = train.denoise(spec.noise_std); !line.empty()) tell(line);
  return {model, std::move(train), std::move(val)};
}

Prepared prepare(const ModelOptions& options, const ElboOptions& train, const Dataset& data,
                 const std::function<void(const std::string&)>& tell) {
  torch::NoGradGuard no_grad;
  const auto seed = static_cast<uint64_t>(train.seed);
  ModelSpec spec;
  set_world(spec, data);
  spec.options = with_preset(options);
  spec.grid = data.grid();
  spec.n_mu = data.n_mu();
  spec.n_f = data.n_f();

  spec.options.local_modes = std::min(spec.options.local_modes, patch_size(spec.grid, spec.options.n_zeta));
  const ModelOptions o = spec.options;
  const bool reduced = o.preset == "reduced";
  ReducedSpace space;
  if (reduced) {
    const auto shape = data.split("train");
    tell(fmt::format("finding the reduced basis of {} trajectories of {} snapshots of {} values",
                     shape.n_trajectories, shape.n_snapshots, spec.grid.size()));
    space = build_reduced_space(data, {o.n_zeta, o.n_sigma, o.rank, o.max_rank}, spec.noise_std, seed);
    tell(space.brief());
    spec.n_reduced = space.V.size(1);
  }
  MultiscaleModel model(spec);
  if (reduced) {
    model->coordinates->set_basis(space.V);
    std::dynamic_pointer_cast<ReducedFilter>(model->filter)->set_maps(space.smooth, space.restriction);
  }
  if (auto& local = model->decoder->local(); !local.is_empty()) {
    const auto modes = local_modes(data, space.V, {o.n_zeta, o.local_modes}, seed);
    local->set_modes(modes.modes, modes.scale * kLocalOutputGain);
  }
  initialise_networks(model, seed);
  auto prepared = prepare_with(model, train, data, tell);
  set_units(model, prepared.train, data);
  return prepared;
}

}  // namespace msde
