// Which points of a file of fields are no fluid.
#pragma once

#include <memory>
#include <string>

#include "msde/field/formats/field_source.hpp"

namespace msde {

// By `asked` (data.mask): an array of the file by its name, or another file that holds nothing but one or calls it
// 'mask'; '!' before it where its numbers mark what is no fluid. Else an array 'mask' of the file, of the shape of the
// grid, whose numbers are 0 (or missing) where there is no fluid. Else the points where a channel is missing in every
// snapshot looked at, an even spread over the file; one snapshot where there are none.
// Null: all points are fluid. DataError: asked for and not there, or of another shape.
std::shared_ptr<const Mask> find_mask(const FieldSource& source, const std::string& asked);

}  // namespace msde
