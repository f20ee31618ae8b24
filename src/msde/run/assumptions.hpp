// What is taken for granted of a file that does not say.
#pragma once

#include <string>

#include "msde/field/dataset.hpp"

namespace msde {

// Warns of what was assumed where the file is silent, a line each. `boundary_option` is how to say another
// boundary, "" where one was said.
void warn_of_assumptions(const Dataset& data, const std::string& boundary_option);

}  // namespace msde
