#include "msde/baselines/constant.hpp"

#include "msde/baselines/validation.hpp"
#include "msde/field/climatology.hpp"
#include "msde/field/training_means.hpp"

namespace msde {

FittedBaseline fit_persistence(const BaselineContext& context) {
  const auto path = [](const torch::Tensor& first, const FrameTimes& times) {
    return Path{first.expand({times.n_steps + 1, first.numel()}), 0};
  };
  return finish(std::make_unique<PointForecaster>("persistence", context.data.grid(), path), {}, 0, context);
}

FittedBaseline fit_mean(const BaselineContext& context) {
  const auto train = context.data.split("train");
  const auto path = [mean = training_mean(context.data).flatten()](const torch::Tensor&,
                                                                   const FrameTimes& times) {
    return Path{mean.expand({times.n_steps + 1, mean.numel()}), 0};
  };
  return finish(std::make_unique<PointForecaster>("mean", context.data.grid(), path),
                {{"snapshots", train.n_trajectories * train.n_snapshots}}, context.data.grid().size(),
                context);
}

FittedBaseline fit_climatology(const BaselineContext& context) {
  const auto months = monthly_climatology(context.data).flatten(1);
  const auto path = [months, units = context.data.clock().time](const torch::Tensor&,
                                                                const FrameTimes& times) {
    std::vector<torch::Tensor> frames;
    for (int64_t k = 0; k <= times.n_steps; ++k)
      frames.push_back(months[month_of(times.at[k].item<double>(), units)]);
    return Path{torch::stack(frames), 0};
  };
  return finish(std::make_unique<PointForecaster>("climatology", context.data.grid(), path), {},
                months.numel(), context);
}

}  // namespace msde
