#include "msde/field/constant_forecaster.hpp"

#include "msde/core/error.hpp"

namespace msde {

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
