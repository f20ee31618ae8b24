// Whether a file can hold what the header of a dataset claims. Internal to core/files/hdf5/.
#pragma once

#include <hdf5.h>

#include <string>

#include "msde/core/files/hdf5.hpp"

namespace msde::hdf5 {

// A header may claim any shape; believe it only if the file holds enough bytes for it. Deflate compresses
// at most 1032-fold, so a chunked dataset may be that much larger than its storage, and no more. Neither may
// a virtual one be larger than the files that it is made of.
// DataError.
void check_storage(const std::string& path, const std::string& name, hid_t dataset, const Shape& shape);

}  // namespace msde::hdf5
