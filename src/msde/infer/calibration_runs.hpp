// The trajectories that calibration predicts, and what it compares with them.
#pragma once

#include <cstdint>

#include "msde/field/dataset.hpp"
#include "msde/infer/train_options.hpp"
#include "msde/model/exogenous.hpp"
#include "msde/model/multiscale.hpp"
#include "msde/sde/integrate.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct CalibrationRuns {
  torch::Tensor truth;        // [B, K, n_y] noisy, frames 1..K
  torch::Tensor points;       // [P] of the fine grid that the search scores
  torch::Tensor z0;           // [B, n_z]
  torch::Tensor mean, error;  // [B, 1 + K, n_z] the point path, and what the members' integrator adds to it
  Exogenous inputs;
  TimeGrid grid;
  // Of every score alike, so that scores differ by the factors alone:
  torch::Tensor initial_noise;      // [M, B, n_z]
  torch::Tensor observation_noise;  // [M, B, K, P], standard normal
  double climate = 0;               // variance of the truth about its mean over trajectories and frames
  double point_error = 0;           // mean |y - point prediction| at frames 1..K and points
  int64_t of_validation = 0, of_training = 0;  // trajectories, B in all
  // float64 [B, B]: 1 where trajectory j shares no snapshot with i, so that i is left out where only those count.
  torch::Tensor apart;
};

// Of at most 8 validation and 4 training trajectories, evenly spread, about 20 frames and 2048 points of the fine grid,
// those of channels that vary. A few validation trajectories alone may be calm or wild by chance. Those of training count
// where the model has not learnt them by heart: where its error against the data is no less than nine tenths of that on
// validation.
CalibrationRuns calibration_runs(MultiscaleModel& model, const Dataset& data, const CalibrateOptions& options,
                                 uint64_t seed);

}  // namespace msde
