// msde import FILE -o DATA: a file of another layout, or a part of one, as a dataset.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>

#include "apps/msde/assumptions.hpp"
#include "apps/msde/command.hpp"
#include "apps/msde/common_flags.hpp"
#include "apps/msde/output_file.hpp"
#include "apps/msde/write_dataset.hpp"
#include "msde/core/error.hpp"
#include "msde/core/log.hpp"
#include "msde/core/progress.hpp"
#include "msde/field/dataset.hpp"
#include "msde/field/formats/slabs.hpp"

namespace msde {
namespace {

struct ImportLine {
  CommonFlags common;
  std::string input, output, format = "native", split, crop;
  DataView view;
};

void run(const ImportLine& line) {
  apply(line.common);
  DatasetOptions options;
  options.view = line.view;
  options.view.split = parse_split(line.split, "--split");
  options.view.crop = parse_crop(line.crop, "--crop");
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
  std::error_code none;
  if (std::filesystem::equivalent(line.input, line.output, none))
    throw ConfigError("-o " + line.output + ": is read by this command; choose another name");
  make_folder_of(line.output);
  warn_of_assumptions(data, line.view.boundary.empty() ? "--boundary" : "");

  Progress progress("import", static_cast<int64_t>(slabs_of(data).size()));
  write_dataset(data, line.format, line.output, [&](int64_t done, int64_t) { progress.update(done); });
  progress.finish();
  std::cout << line.output << "\n";
}

}  // namespace

Command add_import(CLI::App& app) {
  auto* command = app.add_subcommand("import", "Write a file of another layout as a dataset");
  auto line = std::make_shared<ImportLine>();
  command->add_option("file", line->input, "HDF5 file of any layout that msde info recognises")
      ->required()
      ->type_name("FILE");
  command->add_option("-o,--output", line->output, "HDF5 file to write; replaced if it exists")
      ->required()
      ->type_name("DATA");
  command
      ->add_option(
          "--split", line->split,
          "Trajectories for training, validation and test, in stored order; needed where the file has no "
          "splits")
      ->type_name("N,N,N");
  command
      ->add_option("--noise", line->view.noise,
                   "Standard deviation of Gaussian noise to add; the fields without it are kept beside")
      ->capture_default_str();
  command->add_option("--seed", line->view.seed, "Seed of the noise")->capture_default_str();
  command->add_option("--subtract", line->view.subtract, "Constant to subtract from all fields")
      ->capture_default_str();
  command
      ->add_option("--crop", line->crop,
                   "Points to keep along named axes, the last one excluded: x=0:64,y=10:20")
      ->type_name("RANGES");
  command->add_option("--case", line->view.case_name, "Name of the case; default: what the file says")
      ->type_name("NAME");
  command
      ->add_option("--boundary", line->view.boundary,
                   "periodic, wall or open, one word or one per axis; default: what the file says, else an "
                   "assumption that msde info shows")
      ->type_name("WORDS");
  add_format_flag(*command, line->format);
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(
      examples({"msde import 2D_rdb_NA_NA.h5 -o data/swe.h5 --split 900,50,50 --subtract 1 --noise 0.01 "
                "--case shallow_water_2d",
                "msde import 1D_Burgers_Sols_Nu0.01.hdf5 -o data/burgers.h5 --split 9000,500,500",
                "msde import data/swe.h5 -o part.h5 --crop x=0:64,y=32:96"}));
  return {command, [line] { run(*line); }};
}

}  // namespace msde
