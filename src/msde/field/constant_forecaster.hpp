// The two forecasts that any other must beat: the first snapshot for ever, and the mean of training.
#pragma once

#include <string>

#include "msde/field/dataset.hpp"
#include "msde/field/forecaster.hpp"

namespace msde {

// float64 [C, *grid]: the mean over all snapshots of the training split. DataError where there is none; Stopped.
torch::Tensor training_mean(const Dataset& data);

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
