// The values of an array of a VTK file, any part of them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "msde/core/files/vtk/array_bytes.hpp"

namespace msde::vtk {

class ArrayValues {
 public:
  // An array of so many tuples. Its size is held against the file's; no value is read. DataError.
  ArrayValues(const ByteFile& file, const Encoding& encoding, DataArray array, int64_t tuples);
  const DataArray& array() const { return array_; }

  // Values first .. first + count - 1, the components of a tuple one after the other. DataError. Text (ascii, at most
  // 256 MiB) is read whole when first asked for, and kept.
  template <class T>
  void read(int64_t first, int64_t count, T* out) const;

 private:
  void read_text() const;
  [[noreturn]] void fail(const std::string& why) const;

  ByteFile file_;
  DataArray array_;
  int64_t count_;
  bool big_endian_;
  std::unique_ptr<ArrayBytes> bytes_;  // none of text
  mutable std::vector<double> text_;
};

}  // namespace msde::vtk
