// msde import FILE -o DATA: a file of another layout, or a part of one, as a dataset.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>

#include "apps/msde/commands/import_line.hpp"
#include "apps/msde/flags/apply_flags.hpp"
#include "apps/msde/flags/output_file.hpp"
#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/field/dataset.hpp"
#include "msde/field/writers/slabs.hpp"
#include "msde/run/assumptions.hpp"
#include "msde/run/write_dataset.hpp"

namespace msde {

namespace {

void require_no_input(const ImportLine& line) {
  std::error_code none;
  if (std::filesystem::equivalent(line.input, line.output, none))
    throw ConfigError("-o " + line.output + ": is read by this command; choose another name");
}

}  // namespace

void work(const ImportLine& line) {
  apply(line.common);
  require_no_input(line);
  require_absent("-o", line.output, line.force);
  DatasetOptions options;
  options.view = line.view;
  options.view.split = parse_split(line.split, "--split");
  if (!line.view.split_time.empty()) parse_split_time(line.view.split_time, "--split-time");
  options.view.crop = parse_crop(line.crop, "--crop");
  options.view.variables = parse_names(line.variables, "--variables");
  options.memory.cache_bytes = 0;  // everything is read once
  for (const auto& [flag, value] :
       {std::pair{"--noise", line.view.noise}, {"--subtract", line.view.subtract}})
    if (!(std::abs(value) <= kLargestOffset))
      throw ConfigError(
          fmt::format("{}: got {}, expected a number of size {:g} at most", flag, value, kLargestOffset));
  if (line.view.noise < 0)
    throw ConfigError(fmt::format("--noise: got {}, expected 0 or more", line.view.noise));
  if (line.view.seed < 0)
    throw ConfigError(fmt::format("--seed: got {}, expected 0 or more", line.view.seed));
  if (line.format == "pdebench" && line.view.noise > 0)
    throw ConfigError(
        "--noise: the layout of PDEBench holds clean fields; leave it out and add noise on reading");
  const auto data = Dataset::open(line.input, options);
  if (line.format == "pdebench")
    for (const char* split : {"val", "test"})
      if (data.has_split(split) && data.has_split("train") &&
          data.split(split).n_snapshots != data.split("train").n_snapshots)
        throw ConfigError("--format pdebench: that layout holds trajectories of one length; got " +
                          std::to_string(data.split("train").n_snapshots) + " snapshots for train and " +
                          std::to_string(data.split(split).n_snapshots) + " for " + split);
  make_folder_of(line.output);
  warn_of_assumptions(data, line.view.boundary.empty() ? "--boundary" : "");

  Progress progress("import", static_cast<int64_t>(slabs_of(data).size()));
  write_dataset(data, line.format, line.output, [&](int64_t done, int64_t) { progress.update(done); });
  progress.finish();
  std::cout << line.output << "\n";
}

}  // namespace msde
