// NumPy's .npz: arrays with names, each an .npy within a zip archive.
#pragma once

#include <memory>

#include "msde/field/formats/file_probe.hpp"
#include "msde/field/formats/stored_arrays.hpp"

namespace msde {

bool is_npz(const FileProbe& probe);  // a zip archive that lists an .npy
// Arrays that numpy.savez has stored are read where they lie. DataError: damaged, compressed (numpy.savez_compressed; the
// message has what turns the file into one that msde reads), names that are there twice.
std::unique_ptr<StoredArrays> open_npz_arrays(FileProbe probe);

}  // namespace msde
