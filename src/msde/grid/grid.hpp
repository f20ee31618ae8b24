// The fine grid of a field: sizes, lengths and boundaries per axis. Any number of axes and channels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/grid/boundary.hpp"

namespace msde {

struct Grid {
  int64_t channels = 1;
  std::vector<int64_t> shape;      // points per axis
  std::vector<double> length;      // length per axis, unit of the data
  std::vector<AxisEnds> boundary;  // one per axis
  std::vector<std::string> axes;   // names, e.g. {"x"} or {"y", "x"}
  // Of each axis the first point and the distance of neighbours; empty: cells of length / points, whose left
  // ends are the points of a periodic axis and whose middles are those of others.
  std::vector<double> origin = {}, spacing = {};

  int64_t dimensions() const { return static_cast<int64_t>(shape.size()); }
  int64_t points() const {
    int64_t n = 1;
    for (int64_t s : shape) n *= s;
    return n;
  }
  int64_t size() const { return channels * points(); }  // n_y
  double spacing_of(int64_t axis) const {
    return spacing.empty() ? length[axis] / static_cast<double>(shape[axis]) : spacing[axis];
  }
  double origin_of(int64_t axis) const {
    if (!origin.empty()) return origin[axis];
    return boundary[axis].periodic() ? 0 : spacing_of(axis) / 2;
  }
};

// Points first .. last - 1 of an axis, counted from 0.
struct AxisRange {
  std::string axis;
  int64_t first = 0, last = 0;
};

std::string to_string(Boundary boundary);
Boundary parse_boundary(const std::string& name);  // DataError

}  // namespace msde
