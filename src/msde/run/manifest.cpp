#include "msde/run/manifest.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/files/hash.hpp"
#include "msde/core/report/log.hpp"
#include "msde/run/version.hpp"

namespace msde {

Manifest read_manifest(const RunLayout& run) {
  Manifest m;
  if (!std::filesystem::exists(run.manifest())) return m;
  try {
    const auto j = nlohmann::json::parse(read_text(run.manifest()));
    m.data_path = j.at("data").at("path");
    m.data_hash = j.at("data").at("hash");
    m.data_bytes = j["data"].value("bytes", int64_t{-1});
    m.data_changed = j["data"].value("changed", int64_t{-1});
    m.train_fingerprint = j.at("train").at("fingerprint");
    m.train_seconds = j.at("train").at("seconds");
    m.solver_free_rel_l2 = j.at("train").at("solver_free_rel_l2");
    m.best_rel_l2 = j.at("train").at("best_rel_l2");
    if (j["train"].contains("steps")) m.steps = steps_from_json(j["train"]["steps"]);
    m.evaluation_key = j.at("evaluate").at("key");
  } catch (const nlohmann::json::exception&) {
    throw DataError(run.manifest() + ": is not the manifest of a run; start over with --force");
  }
  return m;
}

void write_manifest(const RunLayout& run, const Manifest& m) {
  nlohmann::ordered_json j;
  j["schema"] = 1;
  j["data"] = {
      {"path", m.data_path}, {"hash", m.data_hash}, {"bytes", m.data_bytes}, {"changed", m.data_changed}};
  j["train"] = {{"fingerprint", m.train_fingerprint},
                {"seconds", m.train_seconds},
                {"solver_free_rel_l2", m.solver_free_rel_l2},
                {"best_rel_l2", m.best_rel_l2},
                {"steps", steps_to_json(m.steps)}};
  j["evaluate"] = {{"key", m.evaluation_key}};
  for (const auto& [name, value] : environment_facts()) j["environment"][name] = value;
  write_text_atomically(run.manifest(), j.dump(2) + "\n");
}

namespace {

namespace fs = std::filesystem;

int64_t bytes_of(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) ? static_cast<int64_t>(fs::file_size(path, ignored)) : -1;
}

int64_t last_change_of(const std::string& path) {
  struct stat facts = {};
  if (::stat(path.c_str(), &facts) != 0) return -1;
  return int64_t{1000000000} * facts.st_mtim.tv_sec + facts.st_mtim.tv_nsec;
}

}  // namespace

void set_data(Manifest& manifest, const std::string& path) {
  manifest.data_bytes = bytes_of(path), manifest.data_changed = last_change_of(path);
  manifest.data_hash = hash_file(path);
}

bool have_changed(const RunLayout& run, const std::string& path) {
  const Manifest kept = read_manifest(run);
  std::error_code ignored;
  if (kept.train_fingerprint.empty() || !fs::exists(path, ignored)) return false;
  if (kept.data_bytes >= 0 && kept.data_bytes == bytes_of(path) && kept.data_changed == last_change_of(path))
    return false;
  return hash_file(path) != kept.data_hash;
}

void warn_of_changed_data(const RunLayout& run, const std::string& path) {
  if (have_changed(run, path)) spdlog::warn("{}: has changed since {} was trained on it", path, run.root);
}

void warn_of_unfinished_training(const RunLayout& run) {
  if (!read_manifest(run).train_fingerprint.empty()) return;
  spdlog::warn("{}: training is not finished; its model is that of the solver-free stage, without spread",
               run.root);
}

}  // namespace msde
