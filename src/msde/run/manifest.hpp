// DIR/manifest.json of a run: what was done with what. Written after every stage.
#pragma once

#include <string>

#include "msde/run/run_directory.hpp"

namespace msde {

struct Manifest {
  std::string data_path, data_hash;  // absolute path
  std::string train_fingerprint;     // of the training that model/ holds, "" = none yet
  double train_seconds = 0;
  double solver_free_rel_l2 = -1, best_rel_l2 = -1;  // on validation; negative: not measured
  std::string evaluation_key;                        // of the scores that eval/ holds
};

// Empty where there is none; DataError for a file that is no manifest.
Manifest read_manifest(const RunLayout& run);
// With the facts about program and machine, whole or not at all. DataError.
void write_manifest(const RunLayout& run, const Manifest& manifest);

// Warns where the model of the run is that of the solver-free stage, because training has not come further.
void warn_of_unfinished_training(const RunLayout& run);

}  // namespace msde
