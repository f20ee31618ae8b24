// Calibration: how wide a free-running ensemble should be (docs/method.md section 7).
#pragma once

#include <cstdint>
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
  double crps = 0;                                    // fair CRPS
  // The same of each trajectory with the variance that others leave: with that spread, without any; 0: there are none.
  double left_out = 0, left_out_without_spread = 0;
  double point_error = 0;                      // mean |y - point prediction| of the same values
  int64_t of_validation = 0, of_training = 0;  // trajectories
  std::string brief() const;
};

// What lets a search stop and go on: its scores so far, by the factors tried, which `known` keeps where it is not null;
// `pause` is called after each that was computed, and what it throws ends the calibration.
using CalibrationScores = std::map<std::string, double>;
struct CalibrationSession {
  CalibrationScores* known = nullptr;
  std::function<void()> pause = throw_if_interrupted;
};

// With every mean frozen, on trajectories of validation and training (calibration_runs.hpp): chooses the factors on L and
// on the spread of z_0 whose ensembles have the least fair CRPS once observation noise s is added; of all of them
// together the share, 0 to 1, with which trajectories left out of the fit of the observation variance have the least
// fair CRPS (all of them where none can be left out); then that variance per pixel from all trajectories,
//   v = max(s^2, mean_{trajectory, time} (y - ensemble mean)^2 - (1 + 1/M) var(members)).
// The spread is never above that of the truth, and the CRPS never above the point prediction's mean
// absolute error: where no spread reaches that, there is none. Sets them in the model. The decoder's gate stays,
// so no prediction of the mean changes.
CalibrationFit calibrate(MultiscaleModel& model, const Dataset& data, const CalibrateOptions& options,
                         uint64_t seed, const CalibrationSession& session = {});

}  // namespace msde
