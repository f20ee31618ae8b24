// Files of data that msde does not read, by their first bytes or what lies in their folder, and what turns each into
// one that it does.
#pragma once

#include <string>

#include "msde/field/formats/file_probe.hpp"

namespace msde {

// "is a Zarr store, which msde does not read; python3 -c ..", "" where it is none of these.
std::string foreign_format(const FileProbe& probe);

// What writes the arrays of an .npz that msde does not read as HDF5.
std::string npz_cure(const std::string& path);

}  // namespace msde
