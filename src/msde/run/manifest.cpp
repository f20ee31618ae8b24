#include "msde/run/manifest.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/core/report/log.hpp"
#include "msde/run/data_files.hpp"
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

void set_data(Manifest& manifest, const std::string& path) {
  const DataStamp stamp = stamp_of(path);
  manifest.data_bytes = stamp.bytes, manifest.data_changed = stamp.changed;
  manifest.data_hash = hash_data(path);
}

bool have_changed(const RunLayout& run, const std::string& path) {
  const Manifest kept = read_manifest(run);
  if (kept.train_fingerprint.empty() || !are_there(path)) return false;
  if (kept.data_bytes >= 0 && DataStamp{kept.data_bytes, kept.data_changed} == stamp_of(path)) return false;
  return hash_data(path) != kept.data_hash;
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
