// msde compare CONFIG -o DIR: the learned model beside the baselines, on the same frames.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "apps/msde/command.hpp"
#include "apps/msde/common_flags.hpp"
#include "apps/msde/comparison.hpp"
#include "apps/msde/pipeline.hpp"
#include "msde/core/atomic_file.hpp"
#include "msde/core/error.hpp"
#include "msde/core/nearest.hpp"
#include "msde/core/run_lock.hpp"
#include "msde/eval/published.hpp"
#include "msde/field/dataset.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

struct CompareLine {
  CommonFlags common;
  std::string configuration, output, json, models, n_eta, protocol = "default", split = "test";
  std::vector<std::string> assignments;
  int64_t seeds = 3;
};

std::vector<std::string> parse_models(const std::string& text) {
  const auto known = row_names();
  std::vector<std::string> models;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    models.push_back(text.substr(start, end - start));
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
  int read = 0;
  const bool range = std::sscanf(text.c_str(), "%ld:%ld%n", &first, &last, &read) == 2;
  if (!range && std::sscanf(text.c_str(), "%ld%n", &first, &read) == 1) last = first;
  if (read != static_cast<int>(text.size()) || first < 0 || last < first || last > kMost)
    throw ConfigError(fmt::format("--n-eta: got '{}', expected a range FIRST:LAST within 0:{}, such as 0:5", text, kMost));
  std::vector<int64_t> sizes;
  for (int64_t n = first; n <= last; ++n) sizes.push_back(n);
  return sizes;
}

// A folder belongs to one configuration. It is made here, after everything that can be known was checked.
void open_folder(const std::string& folder, const Settings& settings) {
  const std::string file = configuration_file(folder);
  if (is_run(folder)) throw ConfigError(folder + ": is the folder of a run; choose another one for -o");
  if (fs::exists(file)) {
    const auto key = first_difference(settings, load_settings(file, {}),
                                      {"case.", "data.", "model.", "train.", "rollout.", "calibrate.", "eval."});
    if (!key.empty())
      throw ConfigError(folder + ": holds a comparison with another " + key + "; use the same configuration or another folder");
  } else if (fs::exists(folder) && !(fs::is_directory(folder) && fs::is_empty(folder))) {
    throw ConfigError(folder + ": is not empty and no comparison; choose another folder");
  }
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) throw ConfigError(folder + ": cannot be made: " + problem.message());
}

// What the data say, else the configuration.
std::string case_of(const Settings& settings) {
  const std::string named = settings.data.path.empty() ? "" : Dataset::open(settings.data.path).case_name();
  return named.empty() ? settings.case_name : named;
}

void run(const CompareLine& line) {
  apply(line.common);
  ComparisonPlan plan;
  plan.settings = load_settings(line.configuration, line.assignments);
  plan.folder = line.output;
  plan.models = parse_models(line.models);
  plan.n_eta = parse_sizes(line.n_eta);
  plan.seeds = line.seeds;
  plan.split = line.split;
  plan.published_protocol = line.protocol == "reference";
  plan.command = fmt::format("msde compare {} -o {}", line.configuration, line.output);
  for (const auto& assignment : line.assignments) plan.command += " --set " + assignment;
  if (!line.models.empty()) plan.command += " --models " + line.models;
  if (!line.n_eta.empty()) plan.command += " --n-eta " + line.n_eta;
  if (line.split != "test") plan.command += " --split " + line.split;
  plan.command += fmt::format(" --seeds {}{}", line.seeds, plan.published_protocol ? " --protocol reference" : "");
  require_source(plan.settings);
  require_data(plan.settings, {"train", "val", line.split}, /*fresh=*/true);
  if (plan.published_protocol) published_scoring(case_of(plan.settings));

  open_folder(plan.folder, plan.settings);
  const RunLock lock(plan.folder);
  remove_stale_temporaries(plan.folder);
  write_text_atomically(configuration_file(plan.folder), to_toml(plan.settings));
  const auto comparison = compare(plan);
  const std::string text = to_json(comparison).dump(2) + "\n", page = to_markdown(comparison);
  write_text_atomically(plan.folder + "/comparison.json", text);
  write_text_atomically(plan.folder + "/comparison.md", page);
  if (!line.json.empty()) write_text_atomically(line.json, text);
  std::cout << page;
}

}  // namespace

Command add_compare(CLI::App& app) {
  auto* command = app.add_subcommand("compare", "Compare the learned model with the baselines, on the same frames");
  auto line = std::make_shared<CompareLine>();
  command->add_option("config", line->configuration, "TOML configuration, see configs/")->required()->type_name("CONFIG");
  command->add_option("-o,--output", line->output, "Folder of the comparison; what is trained there already is kept")
      ->required()
      ->type_name("DIR");
  command->add_option("--json", line->json, "Also write the result there")->type_name("FILE");
  command->add_option("--models", line->models, fmt::format("Rows, separated by commas; default: all of {}", fmt::join(row_names(), ", ")))
      ->type_name("NAMES");
  command->add_option("--seeds", line->seeds, "Trainings of each learned row, with seeds counted from train.seed")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--n-eta", line->n_eta, "Also compare numbers of microscale states, FIRST:LAST, and say which one validation prefers")
      ->type_name("RANGE");
  command->add_option("--protocol", line->protocol, "default: predicted frames; reference: as the published scripts score")
      ->check(CLI::IsMember({"default", "reference"}))
      ->capture_default_str();
  command->add_option("--split", line->split, "train, val or test")->check(CLI::IsMember({"train", "val", "test"}))->capture_default_str();
  add_set_flag(*command, line->assignments);
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(examples({"msde compare configs/kdv_1d.toml -o compare/kdv_1d",
                            "msde compare configs/kdv_1d.toml -o compare/kdv_1d --models dmd,pod_sindy --protocol reference",
                            "msde compare configs/wave_1d.toml -o compare/sizes --models multiscale --n-eta 0:5 --seeds 1"}));
  return {command, [line] { run(*line); }};
}

}  // namespace msde
