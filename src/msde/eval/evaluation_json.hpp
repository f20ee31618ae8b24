// An evaluation and what it cost, as the JSON that a run keeps in eval/metrics.json (docs/formats.md).
#pragma once

#include <nlohmann/json.hpp>

#include "msde/eval/evaluate.hpp"

namespace msde {

// What the evaluation itself cannot know.
struct RunFacts {
  int64_t n_zeta = 0, n_eta = 0;
  double train_seconds = 0;
  int64_t parameters = 0;      // trained numbers of the model
  int64_t peak_rss_bytes = 0;  // largest resident memory of the process, see peak_rss_bytes()
};

int64_t peak_rss_bytes();  // of this process so far

// {"schema": 1, "case", "split", "n_zeta", "n_eta", "metrics": {...}, "cost": {...}, "protocol": "...", "setup": {...}}.
// A metric that was not computed (no clean fields, no members) is absent; one that is not finite is null.
nlohmann::ordered_json to_json(const Evaluation& evaluation, const RunFacts& facts);

}  // namespace msde
