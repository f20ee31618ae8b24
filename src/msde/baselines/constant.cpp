#include "msde/baselines/constant.hpp"

#include "msde/baselines/snapshots.hpp"
#include "msde/baselines/validation.hpp"

namespace msde {

FittedBaseline fit_persistence(const BaselineContext& context) {
  const auto path = [](const torch::Tensor& first, const FrameTimes& times) {
    return Path{first.expand({times.n_steps + 1, first.numel()}), 0};
  };
  return finish(std::make_unique<PointForecaster>("persistence", context.data.grid(), path), {}, 0, context);
}

FittedBaseline fit_mean(const BaselineContext& context) {
  auto sum = torch::zeros({context.data.grid().size()}, torch::kDouble);
  int64_t count = 0;
  visit_training_snapshots(context.data, [&](const torch::Tensor& rows) {
    sum += rows.sum(0);
    count += rows.size(0);
  });
  const auto path = [mean = sum / static_cast<double>(count)](const torch::Tensor&, const FrameTimes& times) {
    return Path{mean.expand({times.n_steps + 1, mean.numel()}), 0};
  };
  return finish(std::make_unique<PointForecaster>("mean", context.data.grid(), path), {{"snapshots", count}},
                sum.numel(), context);
}

}  // namespace msde
