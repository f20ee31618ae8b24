// msde predict DIR: forecasts with uncertainty, from the first snapshots of a dataset or from the user's own.
#include <iostream>

#include "apps/msde/commands/predict_line.hpp"
#include "apps/msde/flags/apply_flags.hpp"
#include "apps/msde/flags/output_file.hpp"
#include "msde/run/predict_run.hpp"

namespace msde {

void work(const PredictLine& line) {
  apply(line.common);
  require_absent("-o", forecast_file(line.output), line.force);
  const Scheme scheme = parse_scheme(line.scheme);
  const RunLayout layout = find_run(line.run);
  std::cout << predict_run(layout, load_settings(layout.configuration(), {}),
                           {.start = line.start,
                            .data_path = line.data,
                            .scheme = scheme,
                            .members = line.members,
                            .seed = line.seed,
                            .observation_noise = line.observation_noise},
                           line.output)
            << "\n";
}

}  // namespace msde
