// The table that compares forecasters: what each row holds, and how rows become JSON and Markdown.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "msde/eval/scoring/paired_bootstrap.hpp"
#include "msde/eval/scoring/evaluate.hpp"

namespace msde {

// What one forecaster, trained with one seed, reached and cost.
struct Outcome {
  int64_t seed = 0;
  Evaluation evaluation;
  double train_seconds = 0;  // fitting, training and calibration
  int64_t parameters = 0;
  std::optional<double> validation_rel_l2;  // what selection saw
};

struct ComparisonRow {
  std::string name, variant, meaning, protocol;
  std::vector<Outcome> outcomes;  // one per seed; classical forecasters have one
  std::string status = "ok";      // else why there are no scores, or for which seeds
  nlohmann::ordered_json facts;   // what a fit chose and found
  std::optional<MeanStd> published;
  std::string command;  // that makes this row alone
};

// A point of accuracy against run time beside the rows, such as a solver on a finer grid.
struct CostPoint {
  std::string name, variant;
  int64_t resolution = 0;
  Outcome outcome;
  std::string status = "ok";
};

// How error and cost depend on the number of microscale states.
struct MicroSizes {
  struct Size {
    int64_t n_eta = 0;
    std::vector<Outcome> outcomes;
    std::string status = "ok";
  };
  std::vector<Size> sizes;
};

struct Comparison {
  std::string case_name, split, protocol, command;
  std::string data_path, data_hash;
  int64_t n_zeta = 0, n_eta = 0;
  double dt = 1;
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<ComparisonRow> rows;
  std::vector<CostPoint> cost_points;
  MicroSizes micro_sizes;
};

// A row counts as whole if every seed has scores: means over survivors prove nothing.
inline bool is_whole(const ComparisonRow& row) {
  return row.status == "ok" && !row.outcomes.empty();
}

// Over the seeds of one row: mean of the means; standard deviation over all trajectories, frames and seeds,
// as if they were one sample; the means themselves. Pooled variance = mean_k(std_k^2 + mean_k^2) - mean^2.
struct PooledScore {
  double mean = 0, std = 0;
  std::vector<double> seeds;
};
PooledScore pool(const std::vector<MeanStd>& per_seed);

// How the learned model stands against every other whole row: differences of its error (mean over seeds) from
// theirs, paired by trajectory.
struct Standing {
  std::string row;  // name (variant)
  Difference rel_l2;
  std::optional<Difference> rel_l2_clean;
};
std::vector<Standing> standings(const ComparisonRow& learned, const std::vector<ComparisonRow>& rows);

// The size whose mean validation error over seeds is least, among those whose seeds all have one; nothing
// where there is none.
std::optional<int64_t> preferred_n_eta(const MicroSizes& sizes);

nlohmann::ordered_json to_json(const Comparison& comparison);
std::string to_markdown(const Comparison& comparison);

}  // namespace msde
