// DIR/manifest.json of a run: what was done with what. Written after every stage.
#pragma once

#include <string>

#include "msde/infer/time_steps.hpp"
#include "msde/run/run_directory.hpp"

namespace msde {

struct Manifest {
  std::string data_path, data_hash;  // absolute path
  int64_t data_bytes = -1,
          data_changed = -1;      // size, and time of the last change in nanoseconds since 1970; -1: not kept
  TimeSteps steps;                // those that training took, chosen from the data or given
  std::string train_fingerprint;  // of the training that model/ holds, "" = none yet
  double train_seconds = 0;
  double solver_free_rel_l2 = -1, best_rel_l2 = -1;  // on validation; negative: not measured
  std::string evaluation_key;                        // of the scores that eval/ holds
};

// Hash, size and time of change of the file at `path`. DataError.
void set_data(Manifest& manifest, const std::string& path);

// Empty where there is none; DataError for a file that is no manifest.
Manifest read_manifest(const RunLayout& run);
// With the facts about program and machine, whole or not at all. DataError.
void write_manifest(const RunLayout& run, const Manifest& manifest);

// Whether the file at `path` is not what the run was trained on. Its hash is computed only where size or time of
// change differ from what the manifest has. No where there is no such file or no finished training.
bool have_changed(const RunLayout& run, const std::string& path);
void warn_of_changed_data(const RunLayout& run, const std::string& path);

// Warns where the model of the run is that of the solver-free stage, because training has not come further.
void warn_of_unfinished_training(const RunLayout& run);

}  // namespace msde
