// What every row of a comparison is made with.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "apps/msde/comparison/comparison.hpp"
#include "apps/msde/comparison/scored_as_published.hpp"
#include "msde/field/dataset.hpp"

namespace msde {

struct ComparisonContext {
  const ComparisonPlan& plan;
  std::string data_path;
  Dataset data;
  Dataset filled;  // the same with missing values filled: what classical rows are fitted to, and start from
  std::string case_name;
  std::optional<PublishedScoring> published;  // with --protocol reference

  int64_t first_seed() const { return plan.settings.train.elbo.seed; }
  int64_t n_zeta() const;  // coarse points of all channels
  bool wants(const std::string& row) const;
  std::string command_of(const std::string& row) const;  // that makes this row alone
  // The paper's figure, where sizes and scored frames are the paper's.
  std::optional<MeanStd> published_figure(const std::string& row) const;
  // All forecasters are scored here: on the same split, frames, members and seed.
  // `fill_first` as EvaluateOptions has it.
  Evaluation score(const Forecaster& forecaster, const Protocol& protocol,
                   const Dataset::Fill& fill_first) const;
};

// "ok", or "failed: " and the first line of what `work` threw. A signal (Stopped) goes on: it is no failure
// of a row.
std::string status_of(const std::function<void()>& work);

}  // namespace msde
