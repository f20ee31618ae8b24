// What msde understands of a file of fields, for people.
#pragma once

#include <string>

namespace msde {

// Layout, axes, channels, times, value ranges, attributes, what is assumed and how the file can be read: a
// line each. Streams through the fields once, in bounded memory. DataError: not recognised, or values that
// are not finite.
std::string describe_data(const std::string& path);

}  // namespace msde
