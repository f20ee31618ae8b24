// What msde understands of a file of fields, for people.
#pragma once

#include <string>

#include "msde/field/dataset.hpp"

namespace msde {

// Layout, axes, channels, times, value ranges, attributes, what is assumed and how the file can be read: a
// line each. Streams through the fields once, in bounded memory. DataError: not recognised, or values that
// are not finite.
std::string describe_data(const std::string& path);

// Warns of what was assumed where the file is silent, a line each. `boundary_option` is how to say another
// boundary, "" where one was said.
void warn_of_assumptions(const Dataset& data, const std::string& boundary_option);

}  // namespace msde
