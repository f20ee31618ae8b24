// Forecasts that a model is set beside: those that any must beat, and what the program adds.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "msde/field/dataset.hpp"
#include "msde/field/forecaster.hpp"
#include "msde/run/run_directory.hpp"
#include "msde/run/settings.hpp"

namespace msde {

struct Reference {
  std::string name;  // in "reference" of the scores
  std::shared_ptr<const Forecaster> forecaster;
  Dataset::Fill fill_first = {};  // of first snapshots that miss values; empty: as the model fills them
};

// What is fitted to the training data of a run.
using FitReferences = std::function<std::vector<Reference>(const Dataset& training)>;

struct ReferenceRequest {
  const RunLayout& run;
  const Settings& settings;
  const Grid& grid;       // of the model
  const Dataset& scored;  // what it is scored on
  const FitReferences& fit;
};

Reference simplest_reference();  // "persistence"

// That; "mean", the training mean, as the run keeps it, else of its data; of data with dates "climatology"
// (field/climatology.hpp); then those of `fit`. The latter two need the data that the run was trained on, unchanged, the
// climatology also that times count alike in them and in those scored. What is missing for that is said.
std::vector<Reference> references_of(const ReferenceRequest& request);

}  // namespace msde
