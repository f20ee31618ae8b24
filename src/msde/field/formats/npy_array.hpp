// NumPy's .npy: one array, without a name, times or anything else beside it.
#pragma once

#include <memory>

#include "msde/field/formats/file_probe.hpp"
#include "msde/field/formats/stored_arrays.hpp"

namespace msde {

bool is_npy(const FileProbe& probe);  // by its first bytes, or called so and nothing else
std::unique_ptr<StoredArrays> open_npy_array(FileProbe probe);  // DataError

}  // namespace msde
