// Reads NumPy's .npy files (version 1-3, C or Fortran order, little-endian f4, f8, i4, i8).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace msde {

// A piece at a time: files may be larger than memory, unless they are in Fortran order. The header is checked
// against the file's size first.
class NpyFile {
 public:
  static bool recognises(const std::string& path);  // by its first bytes; false where it cannot be read
  static NpyFile open(const std::string& path);     // reads the header; DataError
  const std::vector<int64_t>& shape() const { return shape_; }
  int64_t size() const { return size_; }                        // values
  bool is_finer_than_float() const { return descr_ != "<f4"; }  // float32 may round its values
  // `count` values from number `first` on, counted in C order.
  std::vector<double> read(int64_t first, int64_t count) const;

 private:
  std::string path_, descr_;
  std::vector<int64_t> shape_;
  int64_t size_ = 0, offset_ = 0;  // of the first value in the file
  bool fortran_order_ = false;
};

}  // namespace msde
