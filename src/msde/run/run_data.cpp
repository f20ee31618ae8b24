#include "msde/run/run_data.hpp"

#include <fmt/ranges.h>

#include <filesystem>

#include "msde/core/error.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/field/formats/recognise.hpp"
#include "msde/pde/cases.hpp"
#include "msde/pde/generate.hpp"
#include "msde/run/manifest.hpp"
#include "msde/scales/coarse_points.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

}  // namespace

bool require_data(const Settings& settings, const std::vector<std::string>& splits, bool fresh) {
  if (!settings.data.path.empty()) {
    const auto data = open_data(settings, settings.data.path);
    for (const auto& split : splits) data.split(split);
    restricted_points(data.grid(), settings.model.n_zeta);
    if (fresh) data.check_finite();
    return fresh;
  }
  const auto view = data_view(settings.data);
  const bool plain = view.split.empty() && view.noise == 0 && view.subtract == 0 && view.crop.empty() &&
                     view.boundary.empty();
  if (!plain)
    throw ConfigError(
        "data.split, data.noise, data.subtract, data.crop and data.boundary are of the file data.path, "
        "which is empty; generated data are made by data.generate");
  if (!has_case(settings.case_name))
    throw ConfigError("case.name = " + settings.case_name +
                      ": this case cannot be generated; set data.path to its "
                      "file, or choose " +
                      fmt::format("{}", fmt::join(case_names(), ", ")));
  restricted_points(find_case(settings.case_name).grid, settings.model.n_zeta);
  return false;
}

std::string ensure_data(const RunLayout& run, const Settings& settings) {
  if (!settings.data.path.empty()) return settings.data.path;
  const std::string path = run.data(settings.case_name);
  if (fs::exists(path)) return path;  // written atomically, so whole
  fs::create_directories(fs::path(path).parent_path());
  const GenerateOptions& o = settings.data.generate;
  Progress progress("generate " + settings.case_name, o.n_train + o.n_val + o.n_test);
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

Dataset open_data(const Settings& settings, const std::string& path) {
  return Dataset::open(path, {.view = data_view(settings.data), .memory = memory_plan(settings.data)});
}

Dataset open_other_data(const Settings& settings, const Grid& grid, const std::string& path) {
  auto source = open_fields(path);
  const DataView view = view_of_other_data(settings, grid, source->facts());
  return Dataset::of(std::move(source), {.view = view, .memory = memory_plan(settings.data)});
}

DataView view_of_other_data(const Settings& settings, const Grid& grid, const SourceFacts& facts) {
  const bool of_the_same_kind =
      facts.has_splits() == settings.data.split.empty() && facts.grid.shape.size() == grid.shape.size();
  return of_the_same_kind ? data_view(settings.data) : DataView{};
}

}  // namespace msde
