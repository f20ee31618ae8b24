// eval.against: baselines beside the scores of a run.
#pragma once

#include "msde/run/references.hpp"

namespace msde {

// Fits the strong variants of eval.against for a model with the latent sizes of the configuration, to data whose missing
// values are filled as compare does it. One that cannot be fitted is left out with a warning. Empty where there are none.
FitReferences classical_references(const Settings& settings);

}  // namespace msde
