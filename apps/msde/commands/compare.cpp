// msde compare CONFIG -o DIR: the learned model beside the baselines, on the same frames.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>

#include "apps/msde/commands/compare_line.hpp"
#include "apps/msde/comparison/comparison.hpp"
#include "apps/msde/comparison/row_names.hpp"
#include "apps/msde/comparison/scored_as_published.hpp"
#include "apps/msde/flags/apply_flags.hpp"
#include "apps/msde/flags/output_file.hpp"
#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/options/nearest.hpp"
#include "msde/core/process/run_lock.hpp"
#include "msde/field/dataset.hpp"
#include "msde/run/evaluate_run.hpp"
#include "msde/run/open_run.hpp"
#include "msde/run/run_data.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> parse_models(const std::string& text) {
  const auto known = row_names();
  std::vector<std::string> models;
  if (text == "all") return models;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    const size_t first = text.find_first_not_of(' ', start), last = text.find_last_not_of(' ', end - 1);
    models.push_back(first < end ? text.substr(first, last + 1 - first) : "");
    if (std::find(known.begin(), known.end(), models.back()) == known.end())
      throw ConfigError(fmt::format("--models: got '{}'{}; expected some of {}", models.back(),
                                    did_you_mean(models.back(), known), fmt::join(known, ", ")));
    start = end + 1;
  }
  return models;
}

// "0:5" is 0, 1, .. 5; "3" is 3.
std::vector<int64_t> parse_sizes(const std::string& text) {
  if (text.empty()) return {};
  constexpr int64_t kMost = 1000;
  int64_t first = -1, last = -1;
  const char* const end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, first);
  last = first;
  if (read.ec == std::errc() && read.ptr != end && *read.ptr == ':')
    read = std::from_chars(read.ptr + 1, end, last);
  if (read.ec != std::errc() || read.ptr != end || first < 0 || last < first || last > kMost)
    throw ConfigError(
        fmt::format("--n-eta: got '{}', expected a range FIRST:LAST within 0:{}, such as 0:5", text, kMost));
  std::vector<int64_t> sizes;
  for (int64_t n = first; n <= last; ++n) sizes.push_back(n);
  return sizes;
}

// A folder belongs to one configuration. It is made here, after everything that can be known was checked.
void open_folder(const std::string& folder, const Settings& settings, bool force) {
  const std::string file = configuration_file(folder);
  if (is_run(folder)) throw ConfigError(folder + ": is the folder of a run; choose another one for -o");
  if (fs::exists(file)) {
    const auto key = first_change(settings, load_settings(file, {}));
    if (!key.empty())
      throw ConfigError(folder + ": holds a comparison with another " + key +
                        "; use the same configuration or another folder");
    require_absent("-o", folder + "/comparison.json", force);
  } else if (fs::exists(folder) && !fs::is_directory(folder)) {
    throw ConfigError(folder + ": is a file; expected a folder for the comparison");
  } else if (fs::exists(folder)) {
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().filename() != ".lock")  // all that a process leaves that was killed at once
        throw ConfigError(folder + ": is not empty and no comparison; choose another folder");
  }
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) throw ConfigError(folder + ": cannot be made: " + problem.message());
}

// What the data say, else the configuration.
std::string case_of(const Settings& settings) {
  const std::string named =
      settings.data.path.empty() ? "" : open_data(settings, settings.data.path).case_name();
  return named.empty() ? settings.case_name : named;
}

bool trains(const ComparisonPlan& plan) {
  const auto asked = [&](const char* name) {
    return std::find(plan.models.begin(), plan.models.end(), name) != plan.models.end();
  };
  return plan.models.empty() || !plan.n_eta.empty() || asked("pod_galerkin") || asked("eddy_viscosity") ||
         asked("macro_only") || asked("multiscale");
}

// Everything that can be known before anything is made on disk.
void check(const ComparisonPlan& plan) {
  const Settings& settings = plan.settings;
  require_source(settings);
  std::vector<std::string> splits = {"train", plan.split};
  if (trains(plan)) splits.push_back("val");
  require_data(settings, splits, /*fresh=*/true);
  if (settings.model.n_eta == 0 &&
      std::find(plan.models.begin(), plan.models.end(), "multiscale") != plan.models.end())
    throw ConfigError("--models multiscale: got model.n_eta = 0, which is macro_only; expected at least 1");
  for (const char* row : {"pod_galerkin", "eddy_viscosity"})
    if (settings.model.prior.terms.empty() &&
        std::find(plan.models.begin(), plan.models.end(), row) != plan.models.end())
      throw ConfigError(fmt::format(
          "--models {}: there is no prior.terms; expected a configuration that says an equation", row));
  EvalSettings largest = settings.eval;
  if (plan.published_protocol)
    largest.members = std::max(largest.members, published_scoring(case_of(settings)).learned.mean_of_members);
  if (!settings.data.path.empty())
    require_evaluation_memory(open_data(settings, settings.data.path), plan.split, largest);
}

}  // namespace

void work(const CompareLine& line) {
  apply(line.common);
  ComparisonPlan plan;
  plan.settings = load_settings(line.configuration, line.assignments);
  plan.folder = line.output;
  plan.models = parse_models(line.models);
  plan.n_eta = parse_sizes(line.n_eta);
  plan.seeds = line.seeds;
  plan.split = line.split;
  plan.published_protocol = line.protocol == "reference";
  plan.configuration = line.configuration;
  plan.assignments = line.assignments;
  std::string& data = plan.settings.data.path;  // the folder of a comparison may be named from anywhere
  const std::string earlier = configuration_file(plan.folder);
  data = settled_data_path(data, fs::exists(earlier) ? load_settings(earlier, {}).data.path : "");
  require_output_file("--json", line.json, {data, line.configuration});
  require_absent("--json", line.json, line.force);
  check(plan);

  open_folder(plan.folder, plan.settings, line.force);
  const RunLock lock(plan.folder);
  remove_stale_temporaries(plan.folder);
  write_text_atomically(configuration_file(plan.folder), to_toml(plan.settings));
  const auto comparison = compare(plan);
  const std::string text = to_json(comparison).dump(2) + "\n", page = to_markdown(comparison);
  write_text_atomically(plan.folder + "/comparison.json", text);
  write_text_atomically(plan.folder + "/comparison.md", page);
  std::cout << page;
  write_result(line.json, text);
}

}  // namespace msde
