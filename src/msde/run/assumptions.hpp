// What is taken for granted of a file that does not say.
#pragma once

#include <string>

#include "msde/field/dataset.hpp"

namespace msde {

// Warns of what was assumed where the file is silent, a line each. `boundary_option` is how to say another
// boundary, "" where one was said.
void warn_of_assumptions(const Dataset& data, const std::string& boundary_option);

// Warns where `what` happens at times begin .. end that are further from those of training than training is long.
void warn_of_far_times(const std::string& what, double begin, double end, double trained_begin,
                       double trained_end);

// Warns where points of other data are not as far apart as those that the model was trained on: other units, or another
// domain, of which the model knows nothing.
void warn_of_another_extent(const Dataset& data, const Grid& trained);

}  // namespace msde
