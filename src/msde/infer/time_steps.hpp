// How many snapshots the stages of training take at a time: as the options say, else chosen from the data.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "msde/infer/train_options.hpp"

namespace msde {

struct TimeSteps {  // in snapshots; 0: not chosen
  int64_t window = 0, stride = 0, stride_min = 0, horizon_start = 0, horizon_end = 0;
};

// What sampling makes of the data.
struct Sampling {
  double change = 0;        // of the macroscale from one snapshot to the next, in units of its own size
  int64_t n_snapshots = 0;  // of a training trajectory
  int64_t scored = 0;       // snapshots of a forecast that is scored; 0 = all
};

// Of every option that is 0, with T snapshots and a change of c per snapshot:
//   window         16 / c, at most 64 and, where there are few snapshots, T / 3 (at least 16)
//   stride         .2 / c, at most 20 and T / 20: an RK4 step follows what turns, and trajectories have frames enough
//   stride_min     .075 / c, at most the stride: fast dynamics see several steps
//   horizon_end    40 strides, at most a forecast that is scored
//   horizon_start  a fifth of that
// All are at least 1, the window 4. A given option stays, and what is chosen fits it.
TimeSteps choose_time_steps(const TrainOptions& options, const Sampling& sampling);

TrainOptions with_time_steps(TrainOptions options, const TimeSteps& steps);
TimeSteps time_steps_of(const TrainOptions& options);

// Which of `steps` the options left open, for people: "train.window = 64, rollout.stride = 8"; "" if none.
std::string chosen_steps(const TrainOptions& options, const TimeSteps& steps);

// {"train.window", "rollout.stride", ..}. The second throws nlohmann's errors, and std::out_of_range for what can be
// no number of snapshots.
nlohmann::json steps_to_json(const TimeSteps& steps);
TimeSteps steps_from_json(const nlohmann::json& json);

}  // namespace msde
