// Reads NumPy's .npy files (version 1-3, C or Fortran order, either order of bytes: floats of 4 and 8 bytes, integers of 1
// to 8), also within another file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "msde/core/files/byte_file.hpp"

namespace msde {

// A piece at a time: files may be larger than memory, unless they are in Fortran order, which are kept once they are
// read. The header is checked against the file's size first.
class NpyFile {
 public:
  static bool recognises(const std::string& path);  // by its first bytes; false where it cannot be read
  // Reads the header; DataError, also where the values are not numbers.
  static NpyFile open(const std::string& path);
  // One that is `size` bytes of a file from `begin` on, which messages call `called`; its values may be of any type.
  static NpyFile open_within(const ByteFile& file, int64_t begin, int64_t size, const std::string& called);
  const std::vector<int64_t>& shape() const { return shape_; }
  int64_t size() const { return size_; }  // values
  bool is_numeric() const;                // if not, nothing can be read
  bool is_finer_than_float() const;       // float32 may round its values
  // `count` values from number `first` on, counted in C order.
  std::vector<double> read(int64_t first, int64_t count) const;

 private:
  explicit NpyFile(const ByteFile& file) : file_(file) {}

  ByteFile file_;
  std::string called_, descr_;
  std::vector<int64_t> shape_;
  int64_t size_ = 0, offset_ = 0;  // of the first value in the file
  bool fortran_order_ = false;
  mutable std::shared_ptr<const std::string> whole_;  // of Fortran order
};

}  // namespace msde
