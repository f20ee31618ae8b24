// The bytes of an array of a VTK file, any part of them, however they are stored: as they are, as base64, in blocks
// compressed by zlib, or both.
#pragma once

#include <cstdint>
#include <memory>

#include "msde/core/files/vtk/image_header.hpp"

namespace msde::vtk {

class ArrayBytes {
 public:
  virtual ~ArrayBytes() = default;
  // Bytes first .. first + count - 1. DataError: damaged, or not all of them are there.
  virtual void read(int64_t first, int64_t count, char* out) const = 0;
};

// Of an array in binary, which must hold exactly `size` bytes. What the file says of numbers and sizes of bytes and
// blocks is held against them and against the size of the file, and nothing is kept but the table of blocks and one block of
// at most 32 MiB, of each array. DataError naming file, array, got and expected.
std::unique_ptr<ArrayBytes> array_bytes(const ByteFile& file, const Encoding& encoding,
                                        const DataArray& array, int64_t size);

}  // namespace msde::vtk
