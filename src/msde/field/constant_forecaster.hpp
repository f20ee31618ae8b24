// The simplest forecasts: the first snapshot for ever, or one field.
#pragma once

#include <string>

#include "msde/field/forecaster.hpp"

namespace msde {

// One field at all times, without members.
class ConstantForecaster : public Forecaster {
 public:
  // `field` [C, *grid]; undefined: the first snapshot of the request.
  explicit ConstantForecaster(std::string name, torch::Tensor field = {});
  std::string name() const override { return name_; }
  Forecast forecast(
      const ForecastRequest& request) const override;  // ConfigError where members are asked for

 private:
  std::string name_;
  torch::Tensor field_;
};

}  // namespace msde
