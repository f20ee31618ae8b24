// The learned models of a comparison: runs of their own, trained side by side where they are missing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "apps/msde/comparison/comparison_context.hpp"

namespace msde {

// A model that is trained with every seed: a row of the table, or a size of the choice of n_eta.
struct Learned {
  std::string name, meaning;
  int64_t n_eta = 0;
  std::vector<std::string> assignments = {};  // of the configuration, beside model.n_eta
};
std::vector<Learned> learned_models(
    const ComparisonContext&
        context);  // of a configuration with a prior that alone, and macro_only and multiscale, if wanted
// One per n_eta of the plan; sizes that are rows anyway have the names of these and share their runs.
std::vector<Learned> micro_sizes(const ComparisonContext& context);

// What could not be trained: folder of the run -> why.
using TrainingFailures = std::map<std::string, std::string>;
TrainingFailures train_all(const ComparisonContext& context);

// A row whose seeds failed in part has the others' scores and a status.
ComparisonRow learned_row(const ComparisonContext& context, const Learned& learned,
                          const TrainingFailures& failures);

}  // namespace msde
