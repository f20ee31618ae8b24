// Reads NumPy's .npy files (version 1-3, C or Fortran order, little-endian f4, f8, i4, i8).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace msde {

struct NpyArray {
  std::vector<int64_t> shape;
  std::vector<double> values;  // C order
};

NpyArray read_npy(const std::string& path);  // DataError; the header is checked against the file's size first

}  // namespace msde
