// One file of VTK ImageData (.vti): a trajectory of fields of two axes, of which the third is time; or one snapshot, where
// it has fewer axes of more than one value or says its time (TimeValue) itself.
#pragma once

#include <memory>

#include "msde/field/formats/field_source.hpp"
#include "msde/field/formats/file_probe.hpp"
#include "msde/field/formats/stored_arrays.hpp"

namespace msde {

bool has_time_along_z(const FileProbe& probe);  // DataError: an image, but damaged
bool is_vtk_snapshot(const FileProbe& probe);   // as above
// Times are those of the third axis, by its origin and spacing. DataError.
std::unique_ptr<FieldSource> open_time_along_z(FileProbe probe);
// 'x' [C, *grid] and, where the file says it, 't', its time. DataError.
std::unique_ptr<StoredArrays> open_vtk_snapshot(FileProbe probe);

}  // namespace msde
