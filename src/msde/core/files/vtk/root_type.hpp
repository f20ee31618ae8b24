// What kind of VTK's XML formats a file is.
#pragma once

#include <string>

namespace msde::vtk {

// The type of its root, as "ImageData" or "Collection", by the first 4 KiB; "" where it is no such file or cannot be read.
std::string root_type(const std::string& path);

}  // namespace msde::vtk
