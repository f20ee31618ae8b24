// A collection of ParaView (.pvd) of images of VTK (.vti), one for each time: one trajectory.
#pragma once

#include <memory>

#include "msde/field/formats/field_source.hpp"
#include "msde/field/formats/file_probe.hpp"

namespace msde {

bool is_vtk_series(const FileProbe& probe);
// Looks at every file, and reads no field. DataError naming the file that is not there, or whose grid or arrays are not
// those of the first.
std::unique_ptr<FieldSource> open_vtk_series(FileProbe probe);

}  // namespace msde
