// Calibration: how wide a free-running ensemble should be, fitted on validation (docs/method.md section 7).
#pragma once

#include <functional>
#include <map>
#include <string>

#include "msde/core/process/signals.hpp"
#include "msde/field/dataset.hpp"
#include "msde/infer/train_options.hpp"
#include "msde/model/multiscale.hpp"

namespace msde {

struct CalibrationFit {
  double macro_dispersion = 0, micro_dispersion = 0;  // factors on L, of zeta and of eta
  double initial_scale = 0;                           // factor on the encoder's standard deviation
  double crps = 0, crps_without_spread = 0;  // fair CRPS on validation, each with its fitted variance
  double point_error = 0;                    // mean |y - point prediction| of the same values
  std::string brief() const;
};

// What lets a search stop and go on: its scores so far, by the factors tried, which `known` keeps where it is not null;
// `pause` is called after each that was computed, and what it throws ends the calibration.
using CalibrationScores = std::map<std::string, double>;
struct CalibrationSession {
  CalibrationScores* known = nullptr;
  std::function<void()> pause = throw_if_interrupted;
};

// On at most 8 validation trajectories, 39 frames and 2048 values of a field, all evenly spread:
// With every mean frozen, chooses the factors on L and on the spread of z_0 whose ensembles from the first
// validation snapshots have the least fair CRPS once observation noise s is added, then the observation
// variance per pixel
//   v = max(s^2, mean_{trajectory, time} (y - ensemble mean)^2 - (1 + 1/M) var(members)).
// The spread is never above that of the truth over validation, and the CRPS never above the point prediction's mean
// absolute error: where no spread reaches that, there is none. Sets them in the model. The decoder's gate stays,
// so no prediction of the mean changes.
CalibrationFit calibrate(MultiscaleModel& model, const Dataset& data, const CalibrateOptions& options,
                         uint64_t seed, const CalibrationSession& session = {});

}  // namespace msde
