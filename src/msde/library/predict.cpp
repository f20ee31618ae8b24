#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "msde/core/process/memory.hpp"
#include "msde/core/random/random.hpp"
#include "msde/core/report/log.hpp"
#include "msde/library/arrays.hpp"
#include "msde/library/call.hpp"
#include "msde/library/contents.hpp"
#include "msde/model/forecaster.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/run/asymmetric_starts.hpp"
#include "msde/run/starts/settle_inputs.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {
namespace {

using torch::Tensor;

// [N, C, *grid]
Tensor first_of(const Array& array, const Grid& grid) {
  if (array.empty()) throw DataError("first: is empty; expected snapshots [N, C, *grid], or one [C, *grid]");
  auto first = to_tensor(array, "first");
  std::vector<int64_t> expected = {grid.channels};
  expected.insert(expected.end(), grid.shape.begin(), grid.shape.end());
  if (first.dim() == static_cast<int64_t>(expected.size())) first = first.unsqueeze(0);
  expected.insert(expected.begin(), any_size);
  check_shape("first", first, expected);
  if (first.size(0) == 0) throw DataError("first: got no snapshot");
  first = with_solid(first, grid, 0);
  check_snapshots("first", first, grid);
  return first;
}

// `rank` axes in the end, of which the first may stand for all N.
Tensor for_each(const Array& array, const std::string& what, std::vector<int64_t> expected) {
  auto values = to_tensor(array, what);
  if (values.dim() + 1 == static_cast<int64_t>(expected.size())) values = values.unsqueeze(0);
  if (values.dim() > 0 && values.size(0) == 1) expected.front() = 1;
  check_shape(what, values, expected);
  check_finite<DataError>(what, values);
  return values;
}

constexpr int64_t kMostSteps = 100000000;

// To the end of training's times, or as long.
int64_t steps_to_the_end(const ModelSpec& spec, const Starts& s) {
  const double steps = std::round((default_end(spec, s.start[0]) - s.start[0]) / s.dt);
  if (!(steps >= 1 && steps <= kMostSteps))
    throw ConfigError(fmt::format(
        "steps: from t0 = {} to training's end, {}, are {:g} steps of dt = {}; give steps, 1 to {}",
        s.start[0], spec.t_end, steps, s.dt, kMostSteps));
  return static_cast<int64_t>(steps);
}

Starts starts_of(const Start& start, const PredictionOptions& options, const Model::Contents& m) {
  const ModelSpec& spec = m.model->spec();
  Starts s;
  s.first = first_of(start.first, spec.grid);
  const int64_t N = s.first.size(0);
  s.mu = start.mu.empty() ? typical_of(m.model->drift->inputs.typical_mu(), m.seen.mu).view({1, -1})
                          : for_each(start.mu, "mu", {N, spec.n_mu});
  s.mu = s.mu.expand({N, spec.n_mu});
  const int64_t n_f = spec.n_given_f();
  s.forcing_is_given = !start.forcing.empty();
  if (!s.forcing_is_given && n_f > 0 && !all_constant(m.seen.f))
    throw ConfigError(fmt::format(
        "forcing: is missing, and the model was trained with {} that var{}; expected [K, {}] from t0 on", n_f,
        n_f > 1 ? "y" : "ies", n_f));
  s.forcing = s.forcing_is_given
                  ? for_each(start.forcing, "forcing", {N, any_size, n_f})
                  : typical_of(m.model->drift->inputs.typical_forcing(), m.seen.f).view({1, 1, n_f});
  if (s.forcing.size(1) == 0) throw DataError("forcing: got no frame");
  s.forcing = s.forcing.expand({N, -1, n_f});
  s.start.assign(static_cast<size_t>(N), start.t0.value_or(spec.t_begin));
  if (!std::isfinite(s.start[0])) throw ConfigError(fmt::format("t0: got {}", s.start[0]));
  s.dt = options.dt == 0 ? spec.dt : options.dt;
  if (!(s.dt > 0) || !std::isfinite(s.dt))
    throw ConfigError(fmt::format("dt: got {}, expected a positive time, or 0 for that of training", s.dt));
  s.n_steps = options.steps != 0 ? options.steps : steps_to_the_end(spec, s);
  if (s.n_steps < 1 || s.n_steps > kMostSteps)
    throw ConfigError(fmt::format("steps: got {}, expected 1 to {}", s.n_steps, kMostSteps));
  settle_inputs(s, m.seen);
  warn_beyond_training(s, spec);
  warn_of_asymmetric_starts(s, m.model);
  return s;
}

void require_prediction_memory(const Starts& s, const PredictionOptions& options, const Grid& grid) {
  const double frames = static_cast<double>(s.n_steps + 1) * static_cast<double>(s.first.size(0)),
               members = options.keep_members ? static_cast<double>(options.members) : 0;
  require_memory(fmt::format("{} frames of {} members", s.n_steps + 1, options.members),
                 4 * (3 * members + 6) * frames * static_cast<double>(grid.size()),
                 "ask for fewer members or steps, or set keep_members = false");
}

// Of one trajectory: what a Prediction has of it, [T, C, *grid] and [M, T, C, *grid].
struct Frames {
  Tensor point = {}, mean = {}, deviation = {}, members = {};
};

Frames frames_of(const ModelForecaster& forecaster, ForecastRequest request, bool keep_members,
                 const Grid& grid) {
  std::vector<Tensor> mean, deviation, members;
  if (request.members > 0)
    request.visit_members = [&](int64_t, const Tensor& block) {
      mean.push_back(block.mean(0)[0]);
      deviation.push_back(request.members > 1 ? block.std(0, /*unbiased=*/true)[0]
                                              : torch::zeros_like(mean.back()));
      if (keep_members) members.push_back(block.select(1, 0).clone());
    };
  const Forecast forecast = forecaster.forecast(request);
  check_finite("prediction", forecast.point);
  Frames frames = {.point = without_solid(forecast.point[0], grid)};
  if (mean.empty()) return frames;
  frames.mean = torch::cat(mean);
  check_finite("members", frames.mean);
  frames.mean = without_solid(frames.mean, grid);
  frames.deviation = without_solid(torch::cat(deviation), grid);
  if (keep_members) frames.members = without_solid(torch::cat(members, 1), grid);
  return frames;
}

}  // namespace

Prediction Model::predict(const Start& start, const PredictionOptions& options) const {
  const Computation call;
  const Scheme scheme = parse_scheme(options.scheme);
  if (scheme == Scheme::rk4)
    throw ConfigError("scheme: rk4 is the point prediction's; expected srk, heun or euler_maruyama");
  if (options.members < 0)
    throw ConfigError(fmt::format("members: got {}, expected 0 or more", options.members));
  const Starts starts = starts_of(start, options, *contents_);
  require_prediction_memory(starts, options, contents_->model->spec().grid);

  const ModelForecaster forecaster(contents_->model, {.scheme = scheme});
  std::vector<Tensor> point, mean, deviation, members;
  for (int64_t i = 0; i < starts.first.size(0); ++i) {
    ForecastRequest request = request_from(starts, i);
    request.members = options.members;
    request.decoder_noise = options.observation_noise;
    request.seed = seed_of_part(options.seed, i);
    const Frames frames =
        frames_of(forecaster, std::move(request), options.keep_members, contents_->model->spec().grid);
    point.push_back(frames.point);
    if (frames.mean.defined()) mean.push_back(frames.mean), deviation.push_back(frames.deviation);
    if (frames.members.defined()) members.push_back(frames.members);
  }
  Prediction prediction;
  prediction.point = to_public(torch::stack(point));
  if (!mean.empty()) prediction.mean = to_public(torch::stack(mean));
  if (!mean.empty()) prediction.deviation = to_public(torch::stack(deviation));
  if (!members.empty()) prediction.members = to_public(torch::stack(members, 1));
  for (int64_t k = 0; k <= starts.n_steps; ++k)
    prediction.times.push_back(starts.start[0] + starts.dt * static_cast<double>(k));
  return prediction;
}

}  // namespace msde
