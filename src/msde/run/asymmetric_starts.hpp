// First snapshots that a symmetric model cannot show.
#pragma once

#include <string>

#include "msde/model/multiscale.hpp"
#include "msde/run/starts/starts.hpp"

namespace msde {

// Warns of first snapshots that break the symmetries of the model's fields by more than noise does: what breaks them is lost.
// Those that miss values pass.
void warn_of_asymmetric_starts(const Starts& starts, const MultiscaleModel& model);
void warn_of_asymmetric_starts(const Dataset& data, const std::string& split, const MultiscaleModel& model);

}  // namespace msde
