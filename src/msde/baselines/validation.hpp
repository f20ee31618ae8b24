// How well a baseline forecasts validation data: choices and the width of its ensemble follow from it.
#pragma once

#include <memory>

#include "msde/baselines/baselines.hpp"
#include "msde/baselines/point_forecaster.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// "val", or "train" where the file has no validation split.
std::string validation_split(const Dataset& data);
// Snapshots scored of that split: context.n_steps cut to the trajectory, 0 = all.
int64_t validation_frames(const BaselineContext& context);

struct ValidationScore {
  double rel_l2 = 0;            // mean over trajectories and frames t > 0, of those that did not blow up
  torch::Tensor std_per_frame;  // root mean square error of each frame, float64 [frames]
  int64_t n_trajectories = 0, blow_ups = 0;
  std::string first_blow_up;
};
ValidationScore validate(const PointForecaster& forecaster, const BaselineContext& context);

// The end of every fit: validates, dresses the ensemble and adds validation_rel_l2 (and blow-ups) to the
// facts. NumericsError where every validation forecast blows up.
FittedBaseline finish(std::unique_ptr<PointForecaster> forecaster, nlohmann::ordered_json facts,
                      int64_t parameters, const BaselineContext& context);

}  // namespace msde
