#include "msde/infer/calibration_runs.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "msde/model/clock_forcing.hpp"
#include "msde/model/free_runs.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/tensor/evenly_spread.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kFrames = 21;                        // frames scored, evenly spaced over the horizon
constexpr int64_t kOfValidation = 8, kOfTraining = 4;  // trajectories
constexpr int64_t kPoints = 2048;
constexpr double kByHeart =
    .9;  // error of training trajectories over that of validation, below which they are known

struct Start {
  std::string split;
  int64_t trajectory;
};

std::vector<Start> starts_of(const Dataset& data, const std::string& split, int64_t most) {
  const auto chosen = evenly_spread(data.split(split).n_trajectories, most);
  std::vector<Start> starts;
  for (int64_t i = 0; i < chosen.numel(); ++i) starts.push_back({split, chosen[i].item<int64_t>()});
  return starts;
}

// Snapshots k stride, k = 1 .. K.
struct ScoredFrames {
  int64_t stride = 1, K = 1;
};
ScoredFrames frames_of(const Dataset& data, const CalibrateOptions& options) {
  const int64_t all = data.split("val").n_snapshots;
  const int64_t snapshots = options.n_steps > 0 ? std::min(options.n_steps, all) : all;
  const int64_t stride = std::max<int64_t>(1, (snapshots - 1) / (kFrames - 1));
  return {stride, (snapshots - 1) / stride};
}

// Evenly spread values of a field that are fluid, of channels that vary: the others are forecast as they are.
torch::Tensor scored_points(const ModelSpec& spec) {
  const int64_t n = spec.grid.points();
  const auto fluid = fluid_points(spec.grid);
  std::vector<torch::Tensor> varying, all;
  for (int64_t c = 0; c < spec.grid.channels; ++c) {
    all.push_back(fluid + c * n);
    if (spec.units.constant.empty() || !spec.units.constant[static_cast<size_t>(c)])
      varying.push_back(all.back());
  }
  const auto values = torch::cat(varying.empty() ? all : varying);
  return values.index_select(0, evenly_spread(values.numel(), kPoints));
}

// CalibrationRuns::apart. Forecasts that start every few snapshots overlap with their neighbours.
torch::Tensor apart_from_each_other(const Dataset& data, const std::vector<Start>& starts) {
  const auto B = static_cast<int64_t>(starts.size());
  auto apart = torch::zeros({B, B}, torch::kDouble);
  for (int64_t i = 0; i < B; ++i)
    for (int64_t j = 0; j < B; ++j) {
      const auto &a = starts[static_cast<size_t>(i)], &b = starts[static_cast<size_t>(j)];
      const bool near = std::abs(a.trajectory - b.trajectory) < data.starts_per_block(a.split);
      apart[i][j] = a.split == b.split && near ? 0. : 1.;
    }
  return apart;
}

// What does not depend on the model's spread, and the point path.
CalibrationRuns runs_from(MultiscaleModel& model, const Dataset& data, const std::vector<Start>& starts,
                          const ScoredFrames& frames) {
  std::vector<torch::Tensor> first, truth, mu, forcing, begin, times;
  const int64_t n_seen = frames.stride * frames.K + 1;
  for (const auto& [split, i] : starts) {
    first.push_back(data.fields(split, i, 0, 1).flatten(1));
    std::vector<torch::Tensor> rows;
    for (int64_t k = 1; k <= frames.K; ++k)
      rows.push_back(data.fields(split, i, k * frames.stride, 1).flatten(1));
    truth.push_back(torch::cat(rows));
    mu.push_back(data.mu(split)[i]);
    forcing.push_back(with_clock(data.forcing(split)[i].narrow(0, 0, n_seen),
                                 data.in({}).times(split)[i].narrow(0, 0, n_seen),
                                 model->spec().own_clock()));
    const auto t = data.times(split)[i].narrow(0, 0, n_seen);
    begin.push_back(t[0].to(torch::kFloat));
    times.push_back(t - t[0]);
  }
  const auto device = model->initial_mean.device();
  CalibrationRuns runs;
  runs.truth = torch::stack(truth).to(device);
  runs.points = scored_points(model->spec()).to(device);
  runs.z0 = model->encode_first(model->coordinates->project(torch::cat(first).to(device)).a, model->scales());
  runs.inputs = {torch::stack(mu).to(device), torch::stack(forcing).to(device),
                 torch::stack(begin).to(device), data.dt()};
  const double dt = static_cast<double>(frames.stride) * data.dt();
  runs.grid = {0, dt, frames.K, model->substeps(dt)};
  if (!data.equal_times()) {
    runs.inputs.times = torch::stack(times);
    runs.grid.unequal = unequal_steps(runs.inputs.times.slice(1, 0, {}, frames.stride),
                                      [&](double longest) { return model->substeps(longest); });
  }
  runs.mean = mean_path(model, runs.inputs, runs.z0, runs.grid);
  return runs;
}

// Mean |y - point prediction| of each trajectory at frames 1..K and points, float64 [B].
torch::Tensor point_errors(MultiscaleModel& model, const CalibrationRuns& runs) {
  const auto truth = runs.truth.index_select(-1, runs.points);
  const auto z = runs.mean.narrow(1, 1, runs.grid.n_outputs).flatten(0, 1);
  const auto point = model->coordinates->expand_at(model->decode(z, model->scales()), runs.points);
  return (point.view_as(truth) - truth).abs().mean({1, 2}, false, torch::kDouble).cpu();
}

double climate_of(const CalibrationRuns& runs) {
  constexpr int64_t kFewFrames = 8;  // too few for a variance of each value: about the mean of all then
  const auto rows = runs.truth.index_select(-1, runs.points).flatten(0, 1);
  return (rows.size(0) < kFewFrames ? rows.var() : rows.var(0, /*unbiased=*/true).mean()).item<double>();
}

}  // namespace

CalibrationRuns calibration_runs(MultiscaleModel& model, const Dataset& stored,
                                 const CalibrateOptions& options, uint64_t seed) {
  const auto data = model->seen(stored);
  const ScoredFrames frames = frames_of(data, options);
  const auto validation = starts_of(data, "val", kOfValidation);
  const auto V = static_cast<int64_t>(validation.size());
  auto starts = validation;
  if (data.split("train").n_snapshots > frames.stride * frames.K)
    for (auto& start : starts_of(data, "train", kOfTraining)) starts.push_back(start);
  auto runs = runs_from(model, data, starts, frames);
  auto errors = point_errors(model, runs);
  const int64_t of_training = static_cast<int64_t>(starts.size()) - V;
  const double of_validation = errors.narrow(0, 0, V).mean().item<double>();
  if (of_training > 0 &&
      !(errors.narrow(0, V, of_training).mean().item<double>() >= kByHeart * of_validation)) {
    starts = validation;
    runs = runs_from(model, data, starts, frames);
    errors = errors.narrow(0, 0, V);
  }
  runs.apart = apart_from_each_other(data, starts).to(runs.z0.device());
  runs.of_validation = V, runs.of_training = runs.z0.size(0) - V;
  runs.climate = climate_of(runs);
  runs.point_error = errors.mean().item<double>();

  const auto like = runs.z0.options();
  const int64_t M = options.members, B = runs.z0.size(0);
  runs.initial_noise = normal({seed, Stream::first_state, 1}, {M, B, runs.z0.size(1)}, like);
  runs.observation_noise =
      normal({seed, Stream::decoder_noise, 0}, {M, B, frames.K, runs.points.size(0)}, like);
  runs.error = integration_error(model, runs.inputs, runs.mean, runs.grid, Scheme::srk);
  return runs;
}

}  // namespace msde
