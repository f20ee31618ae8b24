// An evaluation and what it cost, as the JSON that a run keeps in eval/metrics.json (docs/formats.md).
#pragma once

#include <nlohmann/json.hpp>

#include "msde/eval/scoring/evaluate.hpp"

namespace msde {

// What the evaluation itself cannot know.
struct RunFacts {
  int64_t n_zeta = 0, n_eta = 0;
  double train_seconds = 0;
  int64_t parameters = 0;                  // trained numbers of the model
  int64_t peak_rss_bytes = 0;              // largest resident memory of the process, see peak_rss_bytes()
  std::vector<std::string> channels = {};  // their names, where known
};

// Whether a document is one that to_json made, as far as those who read it need: a file may be damaged.
bool is_evaluation(const nlohmann::ordered_json& document);

int64_t peak_rss_bytes();  // of this process so far

// {"schema": 1, "case", "split", "n_zeta", "n_eta", "metrics": {...}, "cost": {...}, "protocol": "...",
// "setup": {...}, "formulas": {...}}. A metric that was not computed (no clean fields, no members) is absent;
// one that is not finite is null. formulas: for each key of metrics that of metric_table.hpp.
nlohmann::ordered_json to_json(const Evaluation& evaluation, const RunFacts& facts);

// Of a forecast beside the model's, for "reference" of that document: {"rel_l2", "rel_l2_clean", "rmse"}, of several
// channels each by itself, and "difference": {"mean", "low", "high"} of rel_l2, the model's less this one's, with the
// paired bootstrap's interval (paired_bootstrap.hpp), which is null where too few forecasts are scored.
nlohmann::ordered_json reference_row(const Evaluation& reference, const Evaluation& model);

// Every path that --fail-if may name in such a document, where the data have clean fields and members are
// drawn.
std::vector<std::string> evaluation_metric_names();

}  // namespace msde
