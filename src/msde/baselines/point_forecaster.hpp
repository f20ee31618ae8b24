// A deterministic predictor with the ensemble that its errors on validation data suggest.
#pragma once

#include <functional>
#include <string>

#include "msde/field/forecaster.hpp"
#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Frames t0, t0 + dt, .., t0 + n_steps dt; where times are not equally spaced dt is their mean.
struct FrameTimes {
  double t0 = 0, dt = 1;
  int64_t n_steps = 1;
  double mu = 0;     // the first parameter of the trajectory, 0 where it has none
  torch::Tensor at;  // float64 [n_steps + 1], the time of each
};

struct Path {
  torch::Tensor
      fields;  // float64 [n_steps + 1, D], D = C * points; frame 0 is what the method makes of the first
  int64_t evaluations = 0;  // of the right-hand side
};

// first, float64 [D], to all frames. Throws NumericsError with the time where the solution blows up.
using PathFunction = std::function<Path(const torch::Tensor& first, const FrameTimes& times)>;

// Trajectory by trajectory, so a trajectory's forecast never depends on the others of its batch. Members are
// "dressed": point + s_k * normal numbers, s_k the root mean square error of frame k on validation data, all
// pixels alike; beyond the last known frame the last s. That error holds the observation noise, so with
// decoder_noise = false members are copies of the point. (Dressing: Roulston & Smith, Tellus A 55 (2003).)
// NumericsError names the time of the first frame that is not finite in float32.
class PointForecaster : public Forecaster {
 public:
  PointForecaster(std::string name, Grid grid, PathFunction path);
  void dress(torch::Tensor std_per_frame);  // float64 [frames], without it members are copies
  std::string name() const override { return name_; }
  Forecast forecast(const ForecastRequest& request) const override;

 private:
  torch::Tensor frame_std(int64_t n_frames) const;
  std::string name_;
  Grid grid_;
  PathFunction path_;
  torch::Tensor std_;
};

}  // namespace msde
