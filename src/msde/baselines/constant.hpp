// The predictors that any other must beat.
#pragma once

#include "msde/baselines/baselines.hpp"

namespace msde {

FittedBaseline fit_persistence(const BaselineContext& context);  // the first snapshot, for ever
// The mean over all snapshots of the training split: one field, whatever the time and the first snapshot.
FittedBaseline fit_mean(const BaselineContext& context);
// The mean over the training snapshots of the same month of the calendar (field/climatology.hpp).
FittedBaseline fit_climatology(const BaselineContext& context);

}  // namespace msde
