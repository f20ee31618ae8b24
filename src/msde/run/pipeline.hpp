// The stages of a run: data, training, evaluation. A finished stage is recognised by the hash of what it was
// made from.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "msde/field/dataset.hpp"
#include "msde/run/run_directory.hpp"
#include "msde/run/settings.hpp"
#include "msde/tensor/ranks/process_group.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// DIR/manifest.json: what was done with what. Written after every stage.
struct Manifest {
  std::string data_path, data_hash;  // absolute path
  std::string train_fingerprint;     // of the training that model/ holds, "" = none yet
  double train_seconds = 0;
  double solver_free_rel_l2 = -1, best_rel_l2 = -1;  // on validation; negative: not measured
  std::string evaluation_key;                        // of the scores that eval/ holds
};
Manifest read_manifest(const RunLayout& run);  // empty where there is none
void write_manifest(const RunLayout& run, const Manifest& manifest);

struct TrainFlags {
  Existing existing = Existing::refuse;
  std::optional<double> max_seconds;
  torch::Device device = torch::kCPU;
  bool data_are_finite = false;  // require_data has looked
  RankedGroup group;             // of processes that share the training
};

// What can be known of data and configuration before anything is made on disk: data.path is a dataset with
// these splits (DataError), for a `fresh` run of finite values, and the model fits its grid or that of the
// case (ConfigError). True if the values were looked at.
bool require_data(const Settings& settings, const std::vector<std::string>& splits, bool fresh);
// train.init_from is a run with a trained model (DataError), made as this configuration asks (ConfigError).
void require_source(const Settings& settings);
// The data at `path` as the configuration sees data.path.
Dataset open_data(const Settings& settings, const std::string& path);
// Another file, --data: as the configuration sees data.path if it is of the same kind (axes of the model's
// grid; with or without splits of its own), else as it is.
Dataset open_other_data(const Settings& settings, const Grid& grid, const std::string& path);
// Where the data of the run are, also after its folder was moved.
std::string data_of(const RunLayout& run, const Settings& settings);
// The data of the run: data.path, or generated into the run where they are missing.
std::string ensure_data(const RunLayout& run, const Settings& settings);
// Trains unless model/ already holds the result for this configuration and these data. Of several ranks all
// call it; rank 0 alone generates data and writes.
void ensure_trained(const RunLayout& run, const Settings& settings, const TrainFlags& flags);

struct EvaluateRequest {
  std::string data_path;  // "" = the data of the run
  std::string split = "test";
};
// Scores the run's model.
nlohmann::ordered_json evaluate_run(const RunLayout& run, const Settings& settings,
                                    const EvaluateRequest& request);
// The same into eval/metrics.json, skipped where it is there for this model and these data.
nlohmann::ordered_json ensure_evaluated(const RunLayout& run, const Settings& settings);

// ConfigError where ensembles of so many members of that split are larger than memory.
void require_evaluation_memory(const Dataset& data, const std::string& split, const EvalSettings& eval);

// For people: one metric a line.
std::string score_table(const nlohmann::ordered_json& evaluation);

}  // namespace msde
