// Forecasts that a model is set beside: those that any must beat, and what the program adds.
#pragma once

#include <functional>
#include <memory>
#include <optional>
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
};

// What is fitted to the training data of a run, whose missing values are filled; the data outlive what it returns.
using FitReferences = std::function<std::vector<Reference>(const Dataset& training)>;

// The data that a run was trained on, where they are still there, unchanged, on the model's grid.
std::optional<Dataset> training_data_of(const RunLayout& run, const Settings& settings, const Grid& grid);

Reference simplest_reference();  // "persistence"

// That; "mean", the training mean, as the run keeps it, else of its data; of data with dates "climatology"
// (field/climatology.hpp); then those of `fit`. The latter two need `training`. What cannot be made is left out with a
// warning.
std::vector<Reference> references_of(const RunLayout& run, const Grid& grid,
                                     const std::optional<Dataset>& training, const FitReferences& fit);

}  // namespace msde
