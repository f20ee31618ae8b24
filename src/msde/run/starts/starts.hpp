// Where forecasts start: first snapshots with their times, parameters and forcing.
#pragma once

#include <string>
#include <vector>

#include "msde/field/dataset.hpp"
#include "msde/field/forecaster.hpp"
#include "msde/model/multiscale.hpp"
#include "msde/run/settings.hpp"
#include "msde/run/starts/start_request.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct Starts {
  torch::Tensor first, mu, forcing;  // [N, C, *grid], [N, n_mu], [N, K, n_f]
  std::vector<double> start;         // [N]
  double dt = 1;
  int64_t n_steps = 1;
  // [N, n_steps + 1] float64 where frames are not equally spaced, else undefined: start + k dt.
  torch::Tensor times = {};
  bool forcing_is_given = false;           // for some of the times; else it is a constant
  std::vector<std::string> warnings = {};  // of what was taken for granted, for when all is known to work
};

double time_of(const Starts& starts, int64_t trajectory, int64_t frame);

// What a forecaster is asked from start i: no members; the forcing cut, or continued with its last value, to
// the forecast.
ForecastRequest request_from(const Starts& starts, int64_t i);

// Where a forecast from t0 ends that says nothing else: with the training times, or, from a start that is not
// before their end, after as long as they last.
double default_end(const ModelSpec& spec, double t0);

// The first snapshots of a split of data that fit the model. DataError.
Starts starts_of_dataset(const StartRequest& request, const Dataset& data, const ModelSpec& spec);

// Those of request.from. What neither request nor file say: the start of training, its spacing, the typical
// mu. A forcing that varied in training must be given. ConfigError, DataError. Says in the log what was
// understood.
Starts starts_of_file(const StartRequest& request, const MultiscaleModel& model, const Settings& settings,
                      const SeenInputs& seen);

}  // namespace msde
