#include "msde/run/run_data.hpp"

#include <fmt/ranges.h>

#include <filesystem>

#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/field/formats/find_mask.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/infer/data/choose_frame.hpp"
#include "msde/model/latent_spaces.hpp"
#include "msde/pde/cases.hpp"
#include "msde/pde/generate.hpp"
#include "msde/pde/generated_trajectories.hpp"
#include "msde/run/assumptions.hpp"
#include "msde/run/data_files.hpp"
#include "msde/run/manifest.hpp"
#include "msde/scales/coarse_points.hpp"
#include "msde/scales/find_symmetry.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

void require_channel_weights(const std::vector<double>& weights, int64_t channels) {
  if (!weights.empty() && static_cast<int64_t>(weights.size()) != channels)
    throw ConfigError(fmt::format("data.channel_weights: got {} numbers, the data have {} channel{}",
                                  weights.size(), channels, channels == 1 ? "" : "s"));
}

}  // namespace

std::string settled_data_path(const std::string& path, const std::string& before) {
  if (path.empty()) return path;
  if (fs::path(path).is_relative() && !are_there(path) && !before.empty()) {
    spdlog::info("{}: is not there, seen from this folder; going on with {}, as in the last session", path,
                 before);
    return before;
  }
  return fs::absolute(path).lexically_normal();
}

std::string settled_mask(const std::string& mask) {
  const auto file = mask_file(mask);
  return file.empty() ? mask : (mask[0] == '!' ? "!" : "") + fs::absolute(file).lexically_normal().string();
}

bool require_data(const Settings& settings, const std::vector<std::string>& splits, bool fresh) {
  const bool is_reduced = settings.model.preset == "reduced";
  if (!settings.data.path.empty()) {
    const auto data = open_data(settings, settings.data.path);
    for (const auto& split : splits) {
      const int64_t snapshots = data.split(split).n_snapshots;
      if (settings.eval.start_every > 0 && split != "train" && snapshots < settings.eval.n_steps)
        spdlog::warn("eval.n_steps = {}: {} has {} snapshots, so that one forecast of these starts there",
                     settings.eval.n_steps, split, snapshots);
    }
    check_coarse_grid(data.grid(), settings.model.n_zeta, data_view(settings).crop);
    check_symmetry(settings.data.symmetry, data.grid(), settings.model.n_zeta, is_reduced);
    check_frame(data, settings.model.frame);
    checked_prior(settings.model, data.grid(),
                  names_of(data.grid(), data.labels(), data.n_mu(), data.n_f() + data.clock().size()));
    require_channel_weights(settings.data.channel_weights, data.grid().channels);
    return fresh && data.check_values().values == 0;
  }
  const auto view = data_view(settings);
  const bool plain = view.split.empty() && view.split_time.empty() && view.noise == 0 && view.subtract == 0 &&
                     view.crop.empty() && view.boundary.empty() && view.clock.empty() && view.mask.empty();
  if (!plain)
    throw ConfigError(
        "data.split, data.split_time, data.noise, data.subtract, data.crop, data.boundary, data.clock and "
        "data.mask are "
        "of the file "
        "data.path, which is empty; generated data are made by data.generate");
  if (!has_case(settings.case_name))
    throw ConfigError("case.name = " + settings.case_name +
                      ": this case cannot be generated; set data.path to its "
                      "file, or choose " +
                      fmt::format("{}", fmt::join(case_names(), ", ")));
  const Grid& grid = find_case(settings.case_name).grid;
  check_coarse_grid(grid, settings.model.n_zeta);
  check_symmetry(settings.data.symmetry, grid, settings.model.n_zeta, is_reduced);
  check_frame(grid, settings.model.frame);
  check_prior(settings.model, grid);
  require_channel_weights(settings.data.channel_weights, grid.channels);
  return false;
}

std::string ensure_data(const RunLayout& run, const Settings& settings) {
  if (!settings.data.path.empty()) return settings.data.path;
  const std::string path = run.data(settings.case_name);
  if (fs::exists(path)) return path;  // written atomically, so whole
  fs::create_directories(fs::path(path).parent_path());
  const GenerateOptions& o = settings.data.generate;
  Progress progress("generate " + settings.case_name, generation_steps(settings.case_name, o));
  generate_case(settings.case_name, o, path, [&](int64_t done, int64_t) { progress.update(done); });
  progress.finish();
  return path;
}

std::string data_of(const RunLayout& run, const Settings& settings) {
  if (settings.data.path.empty()) return run.data(settings.case_name);
  const std::string path =
      read_manifest(run).data_path;  // data.path may be relative to another folder than today's
  return path.empty() ? settings.data.path : path;
}

void require_own_data(const std::string& path) {
  if (!are_there(path))
    throw DataError(path +
                    ": the data that the run was trained on are not there; --data says where they are now");
}

FieldChoice choice_of_other_data(const Settings& settings) {
  return {.variables = data_view(settings).variables};
}

Dataset open_data(const Settings& settings, const std::string& path) {
  return Dataset::open(path, {.view = data_view(settings), .memory = memory_plan(settings.data)});
}

Dataset open_other_data(const Settings& settings, const Grid& grid, const std::string& path) {
  auto source = open_fields(path, choice_of_other_data(settings));
  const DataView view = view_of_other_data(settings, grid, source->facts());
  auto data =
      Dataset::of(std::move(source), {.view = view, .memory = memory_plan(settings.data), .mask = grid.mask});
  warn_of_another_extent(data, grid);
  return data;
}

DataView view_of_other_data(const Settings& settings, const Grid& grid, const SourceFacts& facts) {
  const DataView own = data_view(settings);
  const bool has_splits = own.split.empty() && own.split_time.empty();
  if (facts.has_splits() == has_splits && facts.grid.shape.size() == grid.shape.size()) return own;
  DataView other;
  other.start_every = own.start_every, other.start_length = own.start_length, other.clock = own.clock;
  return other;
}

}  // namespace msde
