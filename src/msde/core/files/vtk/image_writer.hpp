// Writes VTK ImageData (.vti): arrays of points, appended raw, one after the other.
// Source: the VTK File Formats, www.vtk.org/VTK/img/file-formats.pdf.
#pragma once

#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace msde::vtk {

struct ImageLayout {
  std::array<int64_t, 3> points = {1, 1, 1};  // along x, y, z
  std::array<double, 3> origin{}, spacing = {1, 1, 1};
  double time = 0;                 // TimeValue
  std::vector<std::string> names;  // of the arrays, each a number a point
  bool float64 = false;            // else float32

  int64_t bytes_of_array() const { return points[0] * points[1] * points[2] * (float64 ? 8 : 4); }
};

class ImageWriter {
 public:
  ImageWriter(const std::string& path, const ImageLayout& layout);  // DataError: cannot be written
  // The values of the next array, x fastest: layout.bytes_of_array() bytes.
  void append(const void* values);
  void close();  // after the last array; DataError

 private:
  [[noreturn]] void fail() const;
  std::string path_;
  std::ofstream file_;
  int64_t bytes_of_array_, left_;  // arrays to come
};

}  // namespace msde::vtk
