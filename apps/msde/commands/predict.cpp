// msde predict DIR: forecasts with uncertainty, from the first snapshots of a dataset or from the user's own.
#include <iostream>

#include "apps/msde/commands/predict_line.hpp"
#include "apps/msde/flags/apply_flags.hpp"
#include "apps/msde/flags/output_file.hpp"
#include "msde/run/predict_run.hpp"

namespace msde {

void work(const PredictLine& line) {
  apply(line.common);
  const auto format = line.format == "vti" ? ForecastFormat::vti : ForecastFormat::hdf5;
  require_absent("-o", first_file(line.output, format), line.force);
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
