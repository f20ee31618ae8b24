// The fine grid of a field: sizes, lengths and boundaries per axis. Any number of axes and channels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace msde {

enum class Boundary { periodic, wall, open };

struct Grid {
  int64_t channels = 1;
  std::vector<int64_t> shape;      // points per axis
  std::vector<double> length;      // length per axis, unit of the data
  std::vector<Boundary> boundary;  // one per axis
  std::vector<std::string> axes;   // names, e.g. {"x"} or {"y", "x"}

  int64_t dimensions() const { return static_cast<int64_t>(shape.size()); }
  int64_t points() const {
    int64_t n = 1;
    for (int64_t s : shape) n *= s;
    return n;
  }
  int64_t size() const { return channels * points(); }  // n_y
};

std::string to_string(Boundary boundary);
Boundary parse_boundary(const std::string& name);  // DataError

}  // namespace msde
