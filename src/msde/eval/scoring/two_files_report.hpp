// The scores of one file against another as JSON (docs/formats.md) and as a table for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "msde/eval/scoring/two_files.hpp"

namespace msde {

struct ScoredFiles {
  const FieldFile& truth;
  const FieldFile& prediction;
  std::string split;
  ScoreOptions options;
};

// {"schema": 1, "truth", "prediction", "split", "metrics", "t0", "per_time", "spectra", "protocol", "setup"}.
// metrics: {id: {"value", "formula", "unit", "best", "source"}}, or "mean" and "std" in place of "value";
// "undefined" counts the fields that are left out. A metric that the files do not allow is absent; one that
// is undefined is null.
nlohmann::ordered_json to_json(const FileScores& scores, const ScoredFiles& files);

// A metric a line, its value against the truth and, where there are, against clean fields.
std::string score_table(const FileScores& scores, const ScoredFiles& files);

// Every path that --fail-if may name, known before anything is computed.
std::vector<std::string> score_metric_names(const ScoreShape& shape, bool has_clean);

}  // namespace msde
