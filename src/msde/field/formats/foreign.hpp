// Files of data that msde does not read, by their first bytes or what lies in their folder, and what turns each into
// one that it does.
#pragma once

#include <string>
#include <string_view>

#include "msde/field/formats/file_probe.hpp"

namespace msde {

// "is a zip archive of NumPy (.npz); this writes its arrays as HDF5: python3 -c ..", "" where it is none of these.
std::string foreign_format(const FileProbe& probe);

}  // namespace msde
