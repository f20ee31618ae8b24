// The arrays of a VTK image as channels: an array of one component is a channel, one of more as many, named velocity_x,
// velocity_y, velocity_z, of more than three components velocity_0, velocity_1, ..
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "msde/core/files/vtk/array_values.hpp"
#include "msde/core/files/vtk/image_header.hpp"
#include "msde/grid/grid.hpp"

namespace msde {

class VtkChannels {
 public:
  // `variables`: names of arrays or of channels, in the order that is wanted; none: all there are. Reads no values.
  // DataError: as read_image_header says, an array that is not there, sizes that do not fit.
  VtkChannels(const std::string& path, const std::vector<std::string>& variables);

  const std::string& path() const { return file_.path(); }
  const vtk::ImageHeader& header() const { return header_; }
  const std::vector<std::string>& names() const { return names_; }
  int64_t count() const { return static_cast<int64_t>(names_.size()); }
  bool finer_than_float() const;
  std::optional<double> time() const;  // that the file gives for itself; DataError
  std::string shown() const;           // "'u', 'v'"

  // Values first .. first + count - 1 of every channel c, x fastest, to out + c * stride.
  template <class T>
  void read(int64_t first, int64_t count, int64_t stride, T* out) const;

 private:
  struct Taken {  // an array and, of some of its components, which channels they are
    vtk::ArrayValues values;
    std::vector<std::pair<int64_t, int64_t>> channels;  // component, channel
  };
  void take(const vtk::DataArray& array, int64_t component);

  ByteFile file_;
  vtk::ImageHeader header_;
  std::unordered_set<std::string> known_;           // names_
  std::unordered_map<std::string, size_t> places_;  // of arrays in taken_
  std::vector<std::string> names_;
  std::vector<Taken> taken_;
};

// How many of the axes x, y, z have more than one value.
int64_t image_axes(const vtk::ImageHeader& header);

// Those of x, y, z that have more than one value, slowest first, to `grid`; of z only if `with_z`.
void add_image_axes(Grid& grid, const vtk::ImageHeader& header, bool with_z);

}  // namespace msde
