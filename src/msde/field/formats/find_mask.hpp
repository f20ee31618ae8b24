// Which points of a file of fields are no fluid.
#pragma once

#include <string>
#include <utility>

#include "msde/field/formats/field_source.hpp"

namespace msde {

// Sets the mask of the source. By `asked` (data.mask): an array of the file by its name, or another file that holds
// nothing but one or calls it 'mask', in the order of the grid; '!' before it where its numbers mark what is no fluid.
// Else by an array 'mask' of the file (of several the first), of the shape of the grid, whose numbers are 0 (or missing)
// where there is no fluid. Else the points where a channel is missing in every snapshot looked at, a spread over the
// file; one snapshot where there are none. Null: all points are fluid. DataError: asked for and not there, or of another
// shape.
void find_mask(FieldSource& source, const std::string& asked);

// The name, and whether its numbers mark what is fluid: false for "!land". ConfigError: no name after '!'.
std::pair<std::string, bool> parse_mask(const std::string& asked);
// The name where a file is called so, else "".
std::string mask_file(const std::string& asked);

}  // namespace msde
