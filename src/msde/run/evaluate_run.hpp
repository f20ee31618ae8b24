// The scores of a run's model, as the document of metrics.json (docs/formats.md).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "msde/field/dataset.hpp"
#include "msde/model/multiscale.hpp"
#include "msde/run/references.hpp"
#include "msde/run/run_directory.hpp"
#include "msde/run/settings.hpp"

namespace msde {

struct EvaluateRequest {
  std::string data_path;  // "" = the data of the run
  std::string split = "test";
  FitReferences fit_references = {};  // beside the simple ones of references_of()
};

// What of the data a model is scored on, and with what.
struct ModelEvaluation {
  std::string split = "test";
  EvalSettings eval = {};
  uint64_t seed = 0;
  std::string case_name = {};              // of files that do not say theirs
  double train_seconds = 0;                // for the document; 0 = unknown
  double log_seconds = 10;                 // between progress lines where stderr is no terminal
  std::vector<Reference> references = {};  // "reference" of the document
};
// A reference that cannot forecast these data, or blows up, is left out with a warning.
// DataError: data that do not fit the model, no such split; ConfigError: larger than memory.
nlohmann::ordered_json evaluate_model(const MultiscaleModel& model, const Dataset& data,
                                      const ModelEvaluation& evaluation);

// Scores the run's model. DataError: no trained model, data that do not fit it, no such split; ConfigError.
nlohmann::ordered_json evaluate_run(const RunLayout& run, const Settings& settings,
                                    const EvaluateRequest& request);
// The same into eval/metrics.json, skipped where it is there for this model and these data.
nlohmann::ordered_json ensure_evaluated(const RunLayout& run, const Settings& settings,
                                        const FitReferences& fit_references);

// ConfigError where ensembles of so many members of that split are larger than memory.
void require_evaluation_memory(const Dataset& data, const std::string& split, const EvalSettings& eval);

}  // namespace msde
