#include "msde/baselines/validation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/core/process/signals.hpp"

namespace msde {

std::string validation_split(const Dataset& data) {
  return data.has_split("val") ? "val" : "train";
}

int64_t validation_frames(const BaselineContext& context) {
  const int64_t n = context.data.split(validation_split(context.data)).n_snapshots;
  if (context.n_steps < 0 || context.n_steps == 1)
    throw ConfigError(
        fmt::format("baselines: got n_steps {}, expected 0 (all snapshots) or at least 2", context.n_steps));
  if (n < 2)
    throw DataError(
        fmt::format("{}: got trajectories of {} snapshots, expected at least 2", context.data.path(), n));
  return context.n_steps == 0 ? n : std::min(n, context.n_steps);
}

ValidationScore validate(const PointForecaster& forecaster, const BaselineContext& context) {
  const Dataset& data = context.data;
  const auto split = validation_split(data);
  const int64_t frames = validation_frames(context);
  ValidationScore score;
  score.n_trajectories = data.split(split).n_trajectories;
  auto squares = torch::zeros({frames}, torch::kDouble);
  for (int64_t i = 0; i < score.n_trajectories; ++i) {
    throw_if_interrupted();
    const auto truth = data.fields(split, i, 0, frames);
    ForecastRequest request;
    request.first = truth.narrow(0, 0, 1);
    request.mu = data.mu(split).narrow(0, i, 1);
    request.forcing = data.forcing(split).narrow(0, i, 1).narrow(1, 0, frames);
    request.t0 = data.times(split)[i][0].item<double>();
    request.dt = data.dt();
    if (!data.equal_times()) request.times = data.first_times(split, i, frames);
    request.n_steps = frames - 1;
    try {
      const auto y = truth.flatten(1).to(torch::kDouble);
      const auto error = (forecaster.forecast(request).point[0].flatten(1) - y).square().sum(1);
      squares += error / static_cast<double>(data.grid().fluid_size());
      score.rel_l2 +=
          (error / y.square().sum(1).clamp_min(1e-30)).sqrt().narrow(0, 1, frames - 1).mean().item<double>();
    } catch (const NumericsError& blow_up) {
      if (score.blow_ups++ == 0) score.first_blow_up = blow_up.what();
    }
  }
  const auto good = static_cast<double>(score.n_trajectories - score.blow_ups);
  score.rel_l2 /= good;
  score.std_per_frame = (squares / good).sqrt();
  return score;
}

FittedBaseline finish(std::unique_ptr<PointForecaster> forecaster, nlohmann::ordered_json facts,
                      int64_t parameters, const BaselineContext& context) {
  const auto score = validate(*forecaster, context);
  if (score.blow_ups == score.n_trajectories)
    throw NumericsError(fmt::format("every forecast of split '{}' blows up; the first: {}",
                                    validation_split(context.data), score.first_blow_up));
  if (score.blow_ups > 0)
    facts["validation_blow_ups"] = score.blow_ups, facts["first_blow_up"] = score.first_blow_up;
  facts["validation_rel_l2"] = score.rel_l2;
  forecaster->dress(score.std_per_frame);
  return {std::move(forecaster), std::move(facts), parameters};
}

}  // namespace msde
