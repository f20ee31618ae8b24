// Forecasts of a run's trained model as a file, with uncertainty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "msde/run/run_directory.hpp"
#include "msde/run/settings.hpp"
#include "msde/run/starts/start_request.hpp"
#include "msde/sde/integrate.hpp"

namespace msde {

enum class ForecastFormat {
  hdf5,  // forecast.h5 (field/forecast_file.hpp)
  vti,   // images for ParaView (field/forecast_images.hpp)
};

struct PredictRequest {
  StartRequest start = {};
  std::string data_path = {};           // of which start.split is taken, "" = the data of the run
  Scheme scheme = Scheme::srk;          // of the members
  std::optional<int64_t> members = {};  // each is written; without a number mean and deviation of 39 are
  std::optional<int64_t> seed = {};     // of the members; else train.seed
  bool observation_noise = false;       // in the members
  ForecastFormat format = ForecastFormat::hdf5;
};

std::string forecast_file(const std::string& folder);  // FOLDER/forecast.h5
// Whether a forecast of that format is in the folder.
bool has_forecast(const std::string& folder, ForecastFormat format);

// Predicts from every start and writes FOLDER/forecast.h5, whose path it returns, or images, of which it returns the folder;
// that is made once everything else is known to work. Warns of what was taken for granted and of what
// training never saw. ConfigError (also: larger than memory), DataError, NumericsError, Stopped.
std::string predict_run(const RunLayout& run, const Settings& settings, const PredictRequest& request,
                        const std::string& folder);

}  // namespace msde
