// The two predictors that any other must beat.
#pragma once

#include "msde/baselines/baselines.hpp"

namespace msde {

FittedBaseline fit_persistence(const BaselineContext& context);  // the first snapshot, for ever
// The mean over all snapshots of the training split: one field, whatever the time and the first snapshot.
FittedBaseline fit_mean(const BaselineContext& context);

}  // namespace msde
