#include "msde/field/constant_forecaster.hpp"

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/core/process/signals.hpp"

namespace msde {

torch::Tensor training_mean(const Dataset& data) {
  constexpr int64_t kBlockValues = int64_t{1} << 24;  // 128 MiB in float64
  const auto split = data.split("train");
  const int64_t most = std::max<int64_t>(1, kBlockValues / data.grid().size());
  torch::Tensor sum, missing;  // missing: of each value, in how many snapshots; undefined: in none
  for (int64_t i = 0; i < split.n_trajectories; ++i)
    for (int64_t start = 0; start < split.n_snapshots; start += most) {
      throw_if_interrupted();
      const int64_t count = std::min(most, split.n_snapshots - start);
      auto fields = data.stored_fields("train", i, start, count);
      if (const auto lacking = fields.isnan(); lacking.any().item<bool>()) {
        fields = fields.nan_to_num(0.);
        const auto number = lacking.sum(0, /*keepdim=*/false, torch::kDouble);
        missing = missing.defined() ? missing.add_(number) : number;
      }
      const auto block = fields.sum(0, /*keepdim=*/false, torch::kDouble);
      sum = sum.defined() ? sum.add_(block) : block;
    }
  const auto all = static_cast<double>(split.n_trajectories * split.n_snapshots);
  if (!missing.defined()) return sum / all;
  const auto number = all - missing, mean = sum / number.clamp_min(1);
  const auto of_channel =
      (sum.flatten(1).sum(1) / number.flatten(1).sum(1).clamp_min(1)).view(-1);  // where none is there
  auto shape = std::vector<int64_t>(static_cast<size_t>(mean.dim()), 1);
  shape[0] = mean.size(0);
  return torch::where(number > 0, mean, of_channel.view(shape));
}

ConstantForecaster::ConstantForecaster(std::string name, torch::Tensor field)
    : name_(std::move(name)), field_(std::move(field)) {}

Forecast ConstantForecaster::forecast(const ForecastRequest& r) const {
  if (r.members > 0) throw ConfigError(name_ + ": has no members; got members " + std::to_string(r.members));
  const auto frame = field_.defined() ? field_.to(r.first.scalar_type()).expand_as(r.first) : r.first;
  auto shape = r.first.sizes().vec();
  shape.insert(shape.begin() + 1, r.n_steps + 1);
  Forecast out;
  out.point = frame.unsqueeze(1).expand(shape);
  return out;
}

}  // namespace msde
