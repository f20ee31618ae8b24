// msde predict DIR: forecasts with uncertainty, from the first snapshots of a dataset or from the user's own.
#include <iostream>

#include "apps/msde/commands/predict_line.hpp"
#include "apps/msde/flags/apply_flags.hpp"
#include "apps/msde/flags/output_file.hpp"
#include "msde/core/error.hpp"
#include "msde/run/predict_run.hpp"

namespace msde {

void work(const PredictLine& line) {
  apply(line.common);
  const auto format = line.format == "vti" ? ForecastFormat::vti : ForecastFormat::hdf5;
  if (format == ForecastFormat::hdf5) require_absent("-o", forecast_file(line.output), line.force);
  if (!line.force && has_forecast(line.output, format))
    throw ConfigError(line.output +
                      ": holds a forecast already; replace it with --force, or choose another folder");
  const Scheme scheme = parse_scheme(line.scheme);
  const RunLayout layout = find_run(line.run);
  std::cout << predict_run(layout, load_settings(layout.configuration(), {}),
                           {.start = line.start,
                            .data_path = line.data,
                            .scheme = scheme,
                            .members = line.members,
                            .seed = line.seed,
                            .observation_noise = line.observation_noise,
                            .format = format},
                           line.output)
            << "\n";
}

}  // namespace msde
