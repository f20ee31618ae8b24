// What HDF5 says when it fails, as a DataError of one line. Internal to core/files/hdf5/.
#pragma once

#include <string>

#include "msde/core/files/hdf5.hpp"

namespace msde::hdf5 {

// Keeps HDF5 from printing on stderr; before any other call of a thread.
void silence();

// The innermost message of HDF5's error stack, on one line: "truncated file: eof = 800, ...".
std::string reason();

std::string show(const Shape& shape);  // "[2, 3]"

// DataError: "path: 'object': message", without the object where it has no name.
[[noreturn]] void fail(const std::string& path, const std::string& object, const std::string& message);

}  // namespace msde::hdf5
