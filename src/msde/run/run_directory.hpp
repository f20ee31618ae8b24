// The folder of one run and who may write to it.
//
//   DIR/config.resolved.toml         every key with the value in force; marks the folder as a run
//   DIR/manifest.json                what was done with what: versions, hashes, finished stages
//   DIR/data/<case>.h5               generated data, where data.path is empty
//   DIR/metrics.csv                  one line per reported step
//   DIR/checkpoints/last.safetensors to continue from
//   DIR/model/model.safetensors      the trained model, with model.json
//   DIR/model/training_mean.safetensors   what it has to beat
//   DIR/eval/metrics.json            its scores
//   DIR/.lock                        held while a process writes (core/process/run_lock.hpp)
#pragma once

#include <memory>
#include <string>

#include "msde/core/process/run_lock.hpp"
#include "msde/run/settings.hpp"

namespace msde {

struct RunLayout {
  std::string root;

  std::string configuration() const { return root + "/config.resolved.toml"; }
  std::string manifest() const { return root + "/manifest.json"; }
  std::string data(const std::string& case_name) const { return root + "/data/" + case_name + ".h5"; }
  std::string metrics_csv() const { return root + "/metrics.csv"; }
  std::string checkpoints() const { return root + "/checkpoints"; }
  std::string checkpoint() const { return root + "/checkpoints/last.safetensors"; }
  std::string model() const { return root + "/model"; }
  std::string model_file() const { return root + "/model/model.safetensors"; }
  std::string training_mean() const { return root + "/model/training_mean.safetensors"; }
  std::string evaluation() const { return root + "/eval"; }
  std::string scores() const { return root + "/eval/metrics.json"; }
};

// What to do with a folder that is not empty.
enum class Existing {
  refuse,   // ConfigError
  resume,   // continue there; also where nothing was saved yet
  replace,  // --force: remove what msde writes, and only that
};

// A run that this process alone writes to, until it is destroyed.
class RunDirectory {
 public:
  // Makes the folder, its parents and subfolders, takes the lock, removes what a killed process left
  // half-written, and writes config.resolved.toml. Throws ConfigError: `path` is a file or cannot be made; it
  // is not empty (refuse); another process works there; its configuration has other case, data, model, train,
  // rollout or calibrate keys (resume), naming the first.
  RunDirectory(const std::string& path, const Settings& settings, Existing existing);

  const RunLayout& layout() const { return layout_; }

 private:
  RunLayout layout_;
  std::unique_ptr<RunLock> lock_;
};

// The first key that may not change of a run or comparison (keys_of_a_run()) and has another value in the configuration
// `saved`, "" if there is none. data.path may be another one that leads to the same contents, and where the saved data
// are gone, for what was made of them tells later.
std::string first_change(const Settings& settings, Settings saved);

// The layout of an existing run, for reading. DataError if `path` is not the folder of a run.
RunLayout find_run(const std::string& path);
bool is_run(const std::string& path);

}  // namespace msde
