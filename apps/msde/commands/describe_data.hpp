// What msde understands of a file of fields, for people.
#pragma once

#include <string>
#include <vector>

namespace msde {

// Layout, axes, channels, times, value ranges, attributes, what is assumed, a line each, and the configuration that reads
// it; of the channels `variables` alone where there are any. Streams through the fields once, in bounded memory. DataError: not recognised, or values that
// are not finite.
std::string describe_data(const std::string& path, const std::vector<std::string>& variables);

}  // namespace msde
