// What people call a field and measure it in, as files say: nothing is computed with it.
#pragma once

#include <string>
#include <vector>

#include "msde/field/time_units.hpp"

namespace msde {

// Empty texts, or no texts at all, where a file does not say.
struct UnitNames {
  std::vector<std::string> channels, axes;  // of each
  TimeUnits time;
};

struct FieldLabels {
  std::vector<std::string> channels;  // names of the channels
  UnitNames units;
};

}  // namespace msde
