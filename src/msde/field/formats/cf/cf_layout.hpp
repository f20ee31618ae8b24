// Which variables of a file are the channels of a field, and what their dimensions are: by the CF conventions (1.10,
// sections 4 and 5) where the file follows them, else by names.
#pragma once

#include <string>
#include <vector>

#include "msde/field/formats/axis_roles.hpp"
#include "msde/field/formats/cf/cf_file.hpp"

namespace msde {

// The coordinate of a dimension: the variable over it alone that is called like it; nullptr where there is none.
const CfVariable* coordinate_of(const CfFile& file, const std::string& dimension);

struct CfLayout {
  std::vector<std::string> channels;            // variables, in order
  std::string member, sample, time, component;  // dimensions, "" = there is none; component: of channels
  std::vector<std::string> grid;                // dimensions, in the order of the first channel
  std::vector<std::string> left_out;            // "area [y, x]", of other variables that hold numbers
};

// The variables that are `chosen`, or all that are fields in time. A dimension is what axis, standard_name and units of its
// coordinate say, else its name. DataError naming what there is where they do not
// share their dimensions, or none is a field in time.
CfLayout cf_layout(const CfFile& file, const std::vector<std::string>& chosen);

// "u [time, y, x]".
std::string shown(const CfVariable& variable);

}  // namespace msde
