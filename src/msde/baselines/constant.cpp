#include "msde/baselines/constant.hpp"

#include "msde/baselines/validation.hpp"
#include "msde/field/constant_forecaster.hpp"

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

}  // namespace msde
