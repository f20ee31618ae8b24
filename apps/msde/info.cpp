// msde info PATH: what a dataset or a run holds.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/msde/command.hpp"
#include "apps/msde/common_flags.hpp"
#include "apps/msde/run_directory.hpp"
#include "msde/core/atomic_file.hpp"
#include "msde/core/error.hpp"
#include "msde/field/dataset.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
};

// Streams through a split, some 64 MB at a time.
Range range_of(const Dataset& data, const std::string& split) {
  const SplitShape shape = data.split(split);
  const int64_t step = std::max<int64_t>(1, (int64_t{1} << 24) / data.grid().size());
  Range range;
  for (int64_t i = 0; i < shape.n_trajectories; ++i) {
    for (int64_t start = 0; start < shape.n_snapshots; start += step) {
      const auto x = data.fields(split, i, start, std::min(step, shape.n_snapshots - start));
      range.low = std::min(range.low, x.min().item<double>());
      range.high = std::max(range.high, x.max().item<double>());
      if (!x.isfinite().all().item<bool>()) data.check_finite();  // throws, naming the place
    }
  }
  return range;
}

void show_dataset(const std::string& path) {
  const Dataset data = Dataset::open(path);
  const Grid& grid = data.grid();
  std::cout << fmt::format("dataset: {}\n", path);
  std::cout << fmt::format("case: {}\n",
                           data.case_name().empty() ? "not named in the file" : data.case_name());
  std::cout << fmt::format("grid: {} channels, {} points\n", grid.channels, fmt::join(grid.shape, " x "));
  for (size_t i = 0; i < grid.shape.size(); ++i) {
    std::cout << fmt::format("axis {}: length {}, {}\n", grid.axes[i], grid.length[i],
                             to_string(grid.boundary[i]));
  }
  std::cout << fmt::format("dt: {:.6g}\n", data.dt());
  std::cout << fmt::format("parameters mu: {}, forcing f: {}\n", data.n_mu(), data.n_f());
  std::cout << (data.noise_std() ? fmt::format("noise_std: {:g}\n", *data.noise_std())
                                 : "noise_std: not in the file\n");
  if (data.seed()) std::cout << fmt::format("seed: {}\n", *data.seed());
  for (const std::string split : {"train", "val", "test"}) {
    if (!data.has_split(split)) continue;
    const SplitShape shape = data.split(split);
    const Range range = range_of(data, split);
    std::cout << fmt::format("{}: {} trajectories x {} snapshots, values {:.4g} .. {:.4g}{}\n", split,
                             shape.n_trajectories, shape.n_snapshots, range.low, range.high,
                             shape.has_clean ? ", with clean fields" : "");
  }
}

nlohmann::json read_json(const std::string& path) {
  try {
    return nlohmann::json::parse(read_text(path));
  } catch (const nlohmann::json::exception&) {
    throw DataError(path + ": is not valid JSON");
  }
}

std::string stage(const RunLayout& run) {
  if (fs::exists(run.scores())) return "evaluated";
  if (fs::exists(run.model_file())) return "trained";
  std::error_code ignored;
  const bool saved =
      fs::is_directory(run.checkpoints(), ignored) && !fs::is_empty(run.checkpoints(), ignored);
  return saved ? "in training; continue with --resume" : "begun";
}

void show_scores(const std::string& path) {
  const nlohmann::json scores = read_json(path);
  std::cout << fmt::format("scores on {}:\n", scores.value("split", "test"));
  const nlohmann::json metrics = scores.value("metrics", nlohmann::json::object());
  for (const auto& [name, value] : metrics.items()) {
    if (value.is_number()) std::cout << fmt::format("  {}: {:.4g}\n", name, value.get<double>());
    if (value.is_object() && value.contains("mean") && value["mean"].is_number()) {
      std::cout << fmt::format("  {}: {:.4g} +- {:.4g}\n", name, value["mean"].get<double>(),
                               value.value("std", 0.0));
    }
    if (name == "coverage" && value.is_object()) {
      for (const auto& [level, share] : value.items()) {
        if (share.is_number())
          std::cout << fmt::format("  coverage of {} %: {:.1f} %\n", level, 100 * share.get<double>());
      }
    }
  }
}

void show_run(const std::string& path) {
  const RunLayout run = find_run(path);
  const Settings settings = load_settings(run.configuration(), {});
  std::cout << fmt::format("run: {}\ncase: {}\nstage: {}\n", path, settings.case_name, stage(run));
  std::cout << fmt::format("model: {}, n_zeta {}, n_eta {}\n", settings.model.preset,
                           fmt::join(settings.model.n_zeta, " x "), settings.model.n_eta);
  if (fs::exists(run.scores())) show_scores(run.scores());
}

}  // namespace

Command add_info(CLI::App& app) {
  auto* command = app.add_subcommand("info", "Show what a dataset or a run holds");
  auto flags = std::make_shared<CommonFlags>();
  auto path = std::make_shared<std::string>();
  command->add_option("path", *path, "HDF5 file of a dataset, or the folder of a run")
      ->required()
      ->type_name("PATH");
  add_log_flags(*command, *flags);
  command->footer(examples({"msde info data/kdv_1d.h5", "msde info runs/kdv_1d"}));
  return {command, [flags, path] {
            apply(*flags);
            std::error_code ignored;
            fs::is_directory(*path, ignored) ? show_run(*path) : show_dataset(*path);
          }};
}

}  // namespace msde
