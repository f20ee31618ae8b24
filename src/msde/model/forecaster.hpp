// Prediction with a trained model (docs/method.md section 8).
#pragma once

#include "msde/field/forecaster.hpp"
#include "msde/model/exogenous.hpp"
#include "msde/model/multiscale.hpp"
#include "msde/sde/integrate.hpp"

namespace msde {

struct PredictOptions {
  Scheme scheme = Scheme::srk;  // of the members; the point prediction is the mean dynamics by RK4
  int64_t substeps = 0;         // integrator steps per frame; 0: so that none exceeds those of training
};

class ModelForecaster : public Forecaster {
 public:
  ModelForecaster(MultiscaleModel model, PredictOptions options);
  std::string name() const override { return "multiscale"; }
  Forecast forecast(const ForecastRequest& request) const override;
  torch::Tensor reconstruction(const torch::Tensor& snapshots, const torch::Tensor& first) const override;

 private:
  mutable MultiscaleModel model_;  // LibTorch's forward functions are not const
  PredictOptions options_;
};

}  // namespace msde
