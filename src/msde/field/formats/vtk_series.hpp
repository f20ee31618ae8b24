// A collection of ParaView (.pvd) of images of VTK (.vti), one for each time: one trajectory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "msde/field/formats/field_source.hpp"
#include "msde/field/formats/file_probe.hpp"

namespace msde {

bool is_vtk_series(const FileProbe& probe);
// Looks at every file, and reads no field. DataError naming the file that is not there, or whose grid or arrays are not
// those of the first.
std::unique_ptr<FieldSource> open_vtk_series(FileProbe probe);

// A file, and if it is such a collection all that it names: what must stay the same for the data to be the same. Of one
// that is damaged the file alone.
std::vector<std::string> with_images_of_series(const std::string& path);

}  // namespace msde
