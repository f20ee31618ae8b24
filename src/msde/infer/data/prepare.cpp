#include "msde/infer/data/prepare.hpp"

#include <fmt/format.h>

#include <limits>

#include "msde/core/error.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/field/noise_estimate.hpp"
#include "msde/infer/data/begin_prior.hpp"
#include "msde/infer/data/choose_frame.hpp"
#include "msde/infer/data/fill_gaps.hpp"
#include "msde/model/clock_forcing.hpp"
#include "msde/model/latent_spaces.hpp"
#include "msde/model/options_for_grid.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/scales/coarse_points.hpp"
#include "msde/scales/find_symmetry.hpp"
#include "msde/scales/linear_space.hpp"
#include "msde/scales/local_modes.hpp"
#include "msde/scales/reduced_filter.hpp"
#include "msde/scales/reduced_space.hpp"
#include "msde/scales/stretched_patterns.hpp"
#include "msde/tensor/evenly_spread.hpp"

namespace msde {
namespace {

constexpr double kRounding = std::numeric_limits<float>::epsilon();
constexpr double kLeastRate = 1e-6;      // of change per duration: a field that stands still has no rate
constexpr double kFineRounding = 1e-12;  // of float64 fields, with room for what made them
constexpr double kLeastSignal = .1;      // share of a squared change that is none of noise
constexpr double kClearSignal =
    .5;  // the same over less than kLongLag snapshots, else noise is all that is seen
constexpr int64_t kRateLags[] = {1, 2, 3, 5,
                                 10};  // snapshots between which the rate of change of zeta is measured
constexpr int64_t kLongLag = 3;
constexpr double kMicroInputGain = 3;  // the largest residual coordinate enters the encoder with rms 3 ..
constexpr double kMicroOutputGain =
    1. / 3;  // .. and the decoder's unit output is a third of the largest micro rms
constexpr double kLocalOutputGain = 3;
// After so many treatments of modes in turn that are worse no more are tried.
constexpr int64_t kWorseInTurn = 2;
constexpr int64_t kSample = 64;                      // snapshots per trajectory that set the units ..
constexpr int64_t kSampleValues = int64_t{1} << 25;  // .. fewer where all together would be more values

// Rms of the coordinate that varies most, at least the rounding of what x is a part of, so that neither is
// anything divided by zero nor rounding taken for a signal.
double largest_rms(const torch::Tensor& x, double whole) {
  return std::max(kRounding * whole, std::sqrt(x.flatten(0, -2).square().mean(0).max().item<double>()));
}

// Mean and standard deviation of every channel over a spread of training snapshots, [C] each. Around `centre`,
// which is taken off before anything is rounded.
std::pair<torch::Tensor, torch::Tensor> channel_moments(const Dataset& data,
                                                        const std::vector<double>& centre) {
  const Grid& grid = data.grid();
  const auto split = data.split("train");
  const auto about = data.in({.centre = centre, .scale = std::vector<double>(centre.size(), 1.)});
  const int64_t affordable = std::max<int64_t>(2, kSampleValues / grid.size());
  const auto trajectories = evenly_spread(split.n_trajectories, affordable);
  const auto snapshots =
      evenly_spread(split.n_snapshots, std::clamp<int64_t>(affordable / trajectories.numel(), 2, kSample));
  const auto fluid = fluid_points(grid);
  std::vector<torch::Tensor> means, squares;
  for (int64_t i = 0; i < trajectories.numel(); ++i)
    for (int64_t k = 0; k < snapshots.numel(); ++k) {
      auto y = about.fields("train", trajectories[i].item<int64_t>(), snapshots[k].item<int64_t>(), 1)
                   .view({grid.channels, -1})
                   .to(torch::kDouble);
      if (grid.mask) y = y.index_select(1, fluid);
      const bool missing = y.isnan().any().item<bool>();
      means.push_back(missing ? y.nanmean(1) : y.mean(1));
      squares.push_back(missing ? y.square().nanmean(1) : y.square().mean(1));
    }
  // Snapshots in which a channel is missing say nothing of it.
  const auto over_snapshots = [](const std::vector<torch::Tensor>& x) {
    const auto all = torch::stack(x);
    return all.isnan().any().item<bool>() ? all.nanmean(0) : all.mean(0);
  };
  const auto mean = over_snapshots(means);
  return {mean, (over_snapshots(squares) - mean.square()).clamp_min(0).sqrt()};
}

}  // namespace

Units channel_units(const Dataset& data) {
  const int64_t C = data.grid().channels;
  const auto values = [](const torch::Tensor& x) {
    return std::vector<double>(x.data_ptr<double>(), x.data_ptr<double>() + x.numel());
  };
  const auto rough = channel_moments(data, std::vector<double>(static_cast<size_t>(C), 0)).first.contiguous();
  if (const auto none = rough.isnan().nonzero(); none.numel() > 0)
    throw DataError(
        fmt::format("{}: channel {} of training has no value in the snapshots looked at; leave it out "
                    "(data.variables), or the time in which it is missing",
                    data.path(), none[0].item<int64_t>()));
  const auto [rest, deviation] = channel_moments(data, values(rough));
  const auto centre = (rough + rest).contiguous();
  // A channel that is constant has the unit of its own size; one that is 0 has 1.
  const double rounding = data.facts().finer_than_float ? kFineRounding : kRounding;
  const auto size = torch::where(centre == 0, torch::ones_like(centre), centre.abs());
  const auto still = deviation <= rounding * centre.abs();
  const auto scale = torch::where(still, size, deviation).contiguous();
  Units units = {.centre = values(centre), .scale = values(scale)};
  if (still.any().item<bool>())
    for (int64_t c = 0; c < C; ++c) units.constant.push_back(still[c].item<bool>());
  return units;
}

namespace {

// The unit of time is that in which zeta changes by its own size: from its change over few snapshots or many,
// whichever is faster, for one that turns within many comes back. White noise makes second differences of 3 times its
// share in the squares of first ones, and it is in changes over any number of snapshots alike, so that it is never more
// than the smallest of them: zeta that comes back within ten snapshots is no noise. What is left of it is taken off, of
// changes over long lags never all. Of times that are not equally spaced what a line leaves of the middle of three takes
// the place of second differences, and a lag lasts as long as on average.
double time_scale(const MultiscaleModel& model, const TrainingData& train, const torch::Tensor& zeta_std,
                  const torch::Tensor& index) {
  const int64_t N = train.n_trajectories(), T = train.n_snapshots();
  const auto all = torch::arange(N, torch::kLong);
  const auto zeta_at = [&](int64_t later,
                           int64_t last) {  // [N, K, n_zeta], of starts that have `last` after them
    const auto snapshot = index.clamp_max(T - 1 - last) + later;
    return model->scales().restrict_to_macro(train.gather(all, snapshot.expand({N, -1})).a) / zeta_std;
  };
  const auto mean_square = [](const torch::Tensor& x) {
    return x.square().mean(torch::kDouble).item<double>();
  };
  double noise = 0;
  if (T >= 3 && train.equal_times()) {
    noise = mean_square(zeta_at(0, 2) - 2 * zeta_at(1, 2) + zeta_at(2, 2)) / 3;
  } else if (T >= 3) {
    // What a line from the first to the last leaves of the middle one holds the noise of all three.
    const auto start = index.clamp_max(T - 3);
    std::vector<torch::Tensor> shares;
    for (int64_t k = 0; k < start.numel(); ++k) {
      const auto t = train.times(all, (start[k] + torch::arange(3)).expand({N, -1}));
      shares.push_back(t.select(1, 1) / t.select(1, 2));
    }
    const auto share = torch::stack(shares, 1).unsqueeze(-1).to(torch::kFloat);  // [N, K, 1]
    const auto off = zeta_at(1, 2) - torch::lerp(zeta_at(0, 2), zeta_at(2, 2), share);
    noise = 2 * mean_square(off / (1 + share.square() + (1 - share).square()).sqrt());
  }
  std::vector<std::pair<int64_t, double>> changes;  // lag, mean square
  for (const int64_t asked : kRateLags) {
    const int64_t lag = std::min(asked, T - 1);
    changes.emplace_back(lag, mean_square(zeta_at(lag, lag) - zeta_at(0, lag)));
    noise = std::min(noise, changes.back().second);
  }
  double rate = kLeastRate / (model->spec().t_end - model->spec().t_begin);
  for (const auto& [lag, all] : changes) {
    if (lag < std::min(kLongLag, T - 1) && all - noise < kClearSignal * all) continue;
    const double change = std::max(all - noise, kLeastSignal * all);
    rate = std::max(rate, std::sqrt(change) / (static_cast<double>(lag) * train.dt()));
  }
  return 1 / rate;
}

void set_units(MultiscaleModel& model, TrainingData& train, const Dataset& data, bool linear) {
  const auto scales = model->scales();
  const int64_t N = train.n_trajectories(), T = train.n_snapshots();
  const auto all = torch::arange(N, torch::kLong);
  const int64_t affordable = std::max<int64_t>(2, kSampleValues / (N * model->coordinates->size()));
  const auto index = evenly_spread(T, std::min(kSample, affordable));
  const auto a = train.gather(all, index.expand({N, -1})).a;
  if (a.abs().max().item<double>() == 0)
    throw DataError(data.path() + ": 'train_x' is the same everywhere; there is nothing to learn");

  auto zeta = scales.restrict_to_macro(a);
  // One unit per channel, not per cell: the shared macro drift must see all cells alike.
  const int64_t C = data.grid().channels;
  auto by_channel = zeta.view({-1, C, zeta.size(-1) / C}).transpose(0, 1).flatten(1);
  // A channel that is constant is rounding here, whose size is no unit: fields have that of their channel, 1.
  auto deviation = by_channel.std(1, /*unbiased=*/false);
  MacroUnits units = {by_channel.mean(1),
                      torch::where(deviation <= kRounding, torch::ones_like(deviation), deviation)};
  units = {units.mean.repeat_interleave(zeta.size(-1) / C), units.std.repeat_interleave(zeta.size(-1) / C)};
  const double whole = largest_rms(a, 0);
  if (linear) {  // whose micro states have rms 1 as they are
    model->encoder->set_units(units, 1);
  } else {
    model->encoder->set_units(units, largest_rms(scales.residual(a), whole) / kMicroInputGain);
    model->decoder->set_micro_scale(largest_rms(a - scales.prolong(zeta), whole) * kMicroOutputGain);
  }

  model->set_time_unit(model->spec().t_begin, time_scale(model, train, units.std, index));
  const ModelSpec& spec = model->spec();
  InputUnits::Values inputs;
  inputs.t_begin = spec.units.time_without(spec.t_begin);
  inputs.t_end = spec.units.time_without(spec.t_end);
  const auto mu = standardisation(data.mu("train")),
             f = standardisation(forcing_with_clock(data, "train", spec.own_clock()));
  inputs.mu_mean = mu.mean, inputs.mu_std = mu.scale;
  inputs.f_mean = f.mean, inputs.f_std = f.scale;
  model->drift->inputs.set(inputs);
  model->drift->set_rate(1);

  auto z = model->encode(a, scales).flatten(0, -2);
  model->initial_mean.copy_(z.mean(0));
}

// What a model is made of, but for its space.
struct Assembly {
  ModelSpec spec;
  const ElboOptions& train;
  const Dataset &data, &stored;  // as the model sees them, but for what its grid says; as they are
  const std::optional<StartFrame>& frame;
  const std::function<void(const std::string&)>& tell;
};

Prepared assembled(const Assembly& from, const ReducedSpace& space, const LinearSpace* linear = nullptr) {
  ModelSpec spec = from.spec;
  const auto seed = static_cast<uint64_t>(from.train.seed);
  const auto shape = from.data.split("train");
  const bool reduced = space.V.defined();
  if (reduced) spec.n_reduced = space.V.size(1);
  spec.n_prior = prior_modes(spec.n_reduced > 0 ? spec.n_reduced : spec.grid.size(),
                             shape.n_trajectories * shape.n_snapshots);
  spec.n_first = linear == nullptr ? 0 : spans_of_first_states(spec, spec.n_reduced, shape.n_snapshots);
  MultiscaleModel model(spec);
  if (from.frame) model->set_frame_reference(from.frame->reference);
  if (reduced) {
    model->coordinates->set_basis(space.V);
    std::dynamic_pointer_cast<ReducedFilter>(model->filter)->set_maps(space.smooth, space.restriction);
  }
  if (auto& local = model->decoder->local(); !local.is_empty()) {
    const auto modes = local_modes(from.data, space.V, {spec.options.n_zeta, spec.options.local_modes}, seed);
    local->set_modes(modes.modes, modes.scale * kLocalOutputGain);
  }
  initialise_networks(model, seed);
  if (linear != nullptr && linear->micro.size(0) > 0) {
    const auto scale = linear->micro_scale.clamp_min(kRounding * linear->micro_scale.max()).unsqueeze(1);
    model->encoder->set_linear(linear->micro / scale);
    model->decoder->set_linear(linear->micro * scale);
  }
  auto prepared = prepare_with(model, from.train, from.stored, from.tell);
  set_units(model, prepared.train, from.data, linear != nullptr);
  set_snapshot_prior(model, prepared.train, seed);
  for (auto* part : {&prepared.train, &prepared.val}) part->set_times(model->seen(from.stored));
  begin_prior(prepared, from.stored, from.tell);
  return prepared;
}

// With modes treated as validation asks for: derivatives of their noise spoil a prior, and few trajectories show few
// directions. What is tried is the prior alone, one treatment after the other.
Prepared with_linear_space(const Assembly& from) {
  const ModelOptions& o = from.spec.options;
  const Grid& grid = from.spec.grid;
  const LinearSpaceOptions of_space = {o.n_zeta, o.n_sigma, o.n_eta};
  const auto modes = snapshot_modes(from.data, of_space, static_cast<uint64_t>(from.train.seed));
  const auto with = [&](const ModeTreatment& treatment, const std::function<void(const std::string&)>& tell) {
    const auto space = build_linear_space(modes, grid, of_space, treatment);
    tell(space.brief());
    return assembled({from.spec, from.train, from.data, from.stored, from.frame, tell}, space, &space);
  };
  ModeTreatment best = {std::max(0., o.prior.smooth), std::max(0., o.prior.stretch)};
  double least = std::numeric_limits<double>::infinity();
  const auto look_for = [&](double ModeTreatment::*part, std::initializer_list<double> values) {
    int64_t worse = 0;
    for (const double value : values) {
      throw_if_interrupted();
      auto treatment = best;
      treatment.*part = value;
      const double error = [&] {
        try {
          auto prepared = with(treatment, [](const std::string&) {});
          return validation_error(prepared);
        } catch (const TooFewDirections&) {
          return std::numeric_limits<double>::infinity();
        }
      }();
      worse = error < least ? 0 : worse + std::isfinite(least);
      if (error < least) least = error, best = treatment;
      if (worse == kWorseInTurn) break;
    }
  };
  const bool smooths = o.prior.smooth < 0 && !o.prior.empty();
  const bool stretches = o.prior.stretch < 0 && !o.prior.empty() && can_stretch(grid);
  if (smooths) look_for(&ModeTreatment::smooth, {0, .5, .35, .25, .18, .125, .09, .0625, .045});
  if (stretches) look_for(&ModeTreatment::stretch, {0, .1, .3, .5});
  if (smooths && stretches && best.stretch > 0)
    look_for(&ModeTreatment::smooth, {.25, .18, .125, .09, .0625, .045});
  auto prepared = with(best, from.tell);
  if (!is_affordable(prepared))
    throw ConfigError(fmt::format(
        "prior.terms: are too stiff for explicit steps: rates of {:.3g} per unit of the data's time, over "
        "trajectories of {:.3g}; a smaller "
        "prior.smooth, fewer modes (model.n_zeta, model.n_eta) or data of a shorter time have slower ones",
        prepared.model->drift->fastest_rate() / prepared.model->spec().units.time_scale,
        prepared.val.dt() * static_cast<double>(prepared.val.n_snapshots()) *
            prepared.model->spec().units.time_scale));
  if (smooths || stretches)
    from.tell(fmt::format(
        "prior: prior.smooth = {}, prior.stretch = {}: so the prior alone errs least on validation, rel_l2 "
        "{:.4g}",
        best.smooth, best.stretch, least));
  if (!o.prior.empty()) choose_first_state(prepared, from.tell);
  return prepared;
}

// What the file says, else an estimate from the training snapshots; from values that are there, for those that are
// filled have next to none.
void set_noise(ModelSpec& spec, const Dataset& stored) {
  const Dataset data = stored.unfilled();
  if (spec.units.scale.empty()) {
    spec.noise_std = data.noise_std() ? *data.noise_std() : estimate_noise_std(data);
    return;
  }
  spec.channel_noise = data.noise_std() ? std::vector<double>(spec.units.scale.size(), *data.noise_std())
                                        : estimate_channel_noise(data.in(spec.units));
  double sum = 0;
  for (size_t c = 0; c < spec.units.scale.size(); ++c) {
    double& s = spec.channel_noise[c];
    if (data.noise_std()) s /= spec.units.scale[c];
    sum += std::pow(s * spec.units.scale[c], 2);
  }
  spec.noise_std = std::sqrt(sum / static_cast<double>(spec.units.scale.size()));
}

// Of the root mean square of noise what validation snapshots have: values that are filled have next to none.
double noisy_share(const Dataset& data) {
  if (!data.is_filled()) return 1;
  const auto shape = data.split("val");
  double share = 0;
  for (int64_t i = 0; i < shape.n_trajectories; ++i)
    share += data.share_seen("val", i, 0, shape.n_snapshots).mean().item<double>();
  return std::sqrt(share / static_cast<double>(shape.n_trajectories));
}

}  // namespace

void set_world(ModelSpec& spec, const Dataset& data) {
  spec.case_name = data.case_name();
  spec.labels = data.labels();
  spec.dt = data.dt();
  spec.t_begin = data.times("train").min().item<double>();
  spec.t_end = data.times("train").max().item<double>();
  set_noise(spec, data);
  spec.seen = seen_inputs(data.mu("train"), forcing_with_clock(data, "train", spec.own_clock()));
}

Prepared prepare_with(MultiscaleModel model, const ElboOptions& options, const Dataset& stored,
                      const std::function<void(const std::string&)>& tell) {
  const ModelSpec& spec = model->spec();
  check_fits(spec, stored);
  const auto data = model->seen(stored);
  TrainingData train(data, "train", model->coordinates, spec.own_clock()),
      val(data, "val", model->coordinates, spec.own_clock());
  train.count_noise_of_missing(spec.noise());
  if (options.denoise)
    if (const auto line = train.denoise(spec.noise()); !line.empty()) tell(line);
  return {model, std::move(train), std::move(val)};
}

Prepared prepare(const ModelOptions& options, const ElboOptions& train, const Dataset& stored,
                 const std::function<void(const std::string&)>& tell,
                 const std::vector<double>& channel_weights) {
  torch::NoGradGuard no_grad;
  const auto seed = static_cast<uint64_t>(train.seed);
  ModelSpec spec;
  spec.units = channel_units(stored);
  for (size_t c = 0; c < channel_weights.size(); ++c) spec.units.scale.at(c) /= std::sqrt(channel_weights[c]);
  spec.clock = stored.clock().words;
  set_world(spec, stored);
  if (const auto line = unseen_part(spec.own_clock(), spec.t_begin, spec.t_end); !line.empty()) tell(line);
  const bool reduced = with_preset(options).preset == "reduced";
  auto data = stored.in(spec.units);
  check_coarse_grid(data.grid(), options.n_zeta);
  spec.grid = data.grid();
  spec.n_mu = data.n_mu();
  spec.n_f = data.n_f() + spec.own_clock().size();
  const bool has_place = checked_prior(options, spec.grid, names_in(spec)).depends_on_place;
  const bool stays = options.frame == "preset" && (!reduced || has_place);
  const auto chosen = choose_frame(data, stays ? "fixed" : options.frame, spec.noise());
  if (chosen.frame) {
    tell(chosen.brief);
    data = data.in_frame(*chosen.frame);
    spec.frame_period = chosen.frame->period;
  }
  const double share = noisy_share(data);
  auto of_channels = spec.channel_noise;
  for (double& noise : of_channels) noise *= share;
  const auto& asked = stored.asked_symmetry();
  check_symmetry(asked, data.grid(), options.n_zeta, reduced);
  if (reduced) {
    const auto symmetry = find_symmetry(data, asked, {options.n_zeta, of_channels});
    if (!symmetry.brief.empty()) tell(symmetry.brief);
    data = data.with_symmetry(symmetry.words);
  }
  spec.grid = data.grid();
  spec.options = options_for_grid(with_preset(options), spec.grid);
  spec.options.frame = chosen.frame ? "start" : "fixed";

  const ModelOptions o = spec.options;
  check_prior(o, spec.grid);  // with its symmetries
  if (!o.prior.empty()) spec.prior_period = period_of_axes(data, spec.noise());
  if (o.prior.at == "macro" && !spec.prior_period.empty())
    throw ConfigError(
        "prior.at = \"macro\": the last point of a periodic axis is its first again, so that coarse points "
        "are not equally "
        "spaced; expected prior.at = \"decoded\", or data.crop without that point");
  const Assembly assembly = {spec, train, data, stored, chosen.frame, tell};
  const auto shape = data.split("train");
  if (reduced)
    tell(fmt::format("finding the reduced basis of {} trajectories of {} snapshots of {} values",
                     shape.n_trajectories, shape.n_snapshots, spec.grid.size()));
  if (o.is_linear()) return with_linear_space(assembly);
  ReducedSpace space;
  if (reduced) {
    space = build_reduced_space(data, {o.n_zeta, o.n_sigma, o.rank, o.max_rank, of_channels},
                                spec.noise() * share, seed);
    tell(space.brief());
  }
  return assembled(assembly, space);
}

}  // namespace msde
