// The fine grid of a field: sizes, lengths and boundaries per axis. Any number of axes and channels.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "msde/grid/boundary.hpp"
#include "msde/grid/mask.hpp"

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
  std::shared_ptr<const Mask> mask = {};  // null: every point is fluid
  // Of every single field, as words (symmetry.hpp): generators of a group; empty: none. Of a model.
  std::vector<std::string> symmetry = {};

  int64_t dimensions() const { return static_cast<int64_t>(shape.size()); }
  int64_t points() const {
    int64_t n = 1;
    for (int64_t s : shape) n *= s;
    return n;
  }
  int64_t size() const { return channels * points(); }
  int64_t fluid_points() const { return mask ? mask->fluid_points() : points(); }
  int64_t fluid_size() const { return channels * fluid_points(); }  // n_y
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

// The mask of the points of a box, one range per axis; null where all of them are fluid. DataError: none is.
std::shared_ptr<const Mask> cropped_mask(const Grid& grid, const std::vector<AxisRange>& box);

std::string to_string(Boundary boundary);
Boundary parse_boundary(const std::string& name);  // DataError

}  // namespace msde
