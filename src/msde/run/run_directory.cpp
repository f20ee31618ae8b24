#include "msde/run/run_directory.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/pde/generate_options.hpp"
#include "msde/run/data_files.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

// Nothing but what a process leaves that was killed before it saved anything.
bool holds_nothing(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool leftover = name == ".lock" || name.find(".tmp-") != std::string::npos;
    const bool empty_folder = entry.is_directory() && fs::is_empty(entry.path());
    if (!leftover && !empty_folder) return false;
  }
  return true;
}

// Removes the files of `folder` that end as msde's own do, then the folder if nothing else is in it.
void remove_own(const fs::path& folder, const std::set<std::string>& extensions) {
  std::error_code ignored;
  std::vector<fs::path> own;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.is_regular_file(ignored) && extensions.count(entry.path().extension().string()))
      own.push_back(entry.path());
  }
  for (const auto& path : own) fs::remove(path, ignored);
  if (fs::is_empty(folder, ignored)) fs::remove(folder, ignored);
}

// A folder that is not a run is left as it is: nothing there is ours.
void remove_run(const RunLayout& run) {
  if (!is_run(run.root)) return;
  std::error_code ignored;
  for (const auto& name : case_names()) fs::remove(run.data(name), ignored);
  remove_own(run.root + "/data", {});
  remove_own(run.checkpoints(), {".safetensors", ".json", ".csv"});
  remove_own(run.model(), {".safetensors", ".json"});
  remove_own(run.evaluation(), {".json", ".csv"});
  for (const auto& path : {run.metrics_csv(), run.manifest(), run.configuration()}) fs::remove(path, ignored);
}

bool are_same_data(const std::string& now, const std::string& then) {
  std::error_code ignored;
  if (now.empty() || then.empty()) return now == then;
  if (fs::equivalent(now, then, ignored) || !are_there(then)) return true;
  return hash_data(now) == hash_data(then);
}

void require_same_configuration(const RunLayout& run, const Settings& settings) {
  const Settings saved = load_settings(run.configuration(), {});
  const std::string key = first_change(settings, saved);
  if (key.empty()) return;
  Settings now = settings, then = saved;
  throw ConfigError(run.root + ": the run was started with " + key + " = " +
                    OptionTable::value_as_toml(option_table(then).find(key)) + ", got " +
                    OptionTable::value_as_toml(option_table(now).find(key)) +
                    "; use the same, another folder, or --force to start over");
}

}  // namespace

std::string first_change(const Settings& settings, Settings saved) {
  if (are_same_data(settings.data.path, saved.data.path)) saved.data.path = settings.data.path;
  return first_difference(settings, saved, keys_of_a_run());
}

RunDirectory::RunDirectory(const std::string& path, const Settings& settings, Existing existing)
    : layout_{path} {
  try {
    if (fs::exists(path) && !fs::is_directory(path))
      throw ConfigError(path + ": is a file; expected a folder for the run");
    if (existing == Existing::refuse && fs::exists(path) && !holds_nothing(path)) {
      throw ConfigError(
          path + ": is not empty; continue with --resume, start over with --force, or choose another folder");
    }
    if (existing == Existing::replace && fs::exists(path) && !is_run(path) && !holds_nothing(path))
      throw ConfigError(path +
                        ": is not empty and not a run, so --force leaves it alone; choose another folder");
    fs::create_directories(path);
    lock_ = std::make_unique<RunLock>(path);
    remove_stale_temporaries(path);
    if (existing == Existing::resume && is_run(path)) require_same_configuration(layout_, settings);
    if (existing == Existing::replace) remove_run(layout_);
    for (const auto& folder : {layout_.checkpoints(), layout_.model(), layout_.evaluation()})
      fs::create_directories(folder);
    write_text_atomically(layout_.configuration(), to_toml(settings));
  } catch (const fs::filesystem_error& error) {
    throw ConfigError(path + ": cannot be used as the folder of a run: " + error.code().message());
  }
}

bool is_run(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(RunLayout{path}.configuration(), ignored);
}

RunLayout find_run(const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) throw DataError(path + ": no such folder; expected the folder of a run");
  if (!is_run(path)) throw DataError(path + ": is not the folder of a run: config.resolved.toml is missing");
  return RunLayout{path};
}

}  // namespace msde
