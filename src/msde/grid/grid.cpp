#include "msde/grid/grid.hpp"

#include "msde/core/error.hpp"

namespace msde {

AxisEnds::AxisEnds(Boundary low_end, Boundary high_end) : low(low_end), high(high_end) {
  if (low != high && (low == Boundary::periodic || high == Boundary::periodic))
    throw DataError("an axis is periodic at both ends or at none, got " + to_string(low) + " and " +
                    to_string(high));
}

std::shared_ptr<const Mask> cropped_mask(const Grid& grid, const std::vector<AxisRange>& box) {
  if (!grid.mask) return nullptr;
  std::vector<int64_t> points = {0};
  for (size_t axis = 0; axis < box.size(); ++axis) {
    std::vector<int64_t> inside;
    for (const int64_t before : points)
      for (int64_t i = box[axis].first; i < box[axis].last; ++i)
        inside.push_back(before * grid.shape[axis] + i);
    points = std::move(inside);
  }
  std::vector<uint8_t> fluid;
  for (const int64_t point : points) fluid.push_back(grid.mask->is_fluid(point));
  return make_mask(std::move(fluid));
}

std::string to_string(Boundary boundary) {
  switch (boundary) {
    case Boundary::periodic:
      return "periodic";
    case Boundary::wall:
      return "wall";
    case Boundary::open:
      return "open";
    case Boundary::inflow:
      return "inflow";
    case Boundary::outflow:
      return "outflow";
  }
  return "";
}

Boundary parse_boundary(const std::string& name) {
  for (const Boundary boundary :
       {Boundary::periodic, Boundary::wall, Boundary::open, Boundary::inflow, Boundary::outflow}) {
    if (name == to_string(boundary)) return boundary;
  }
  throw DataError("unknown boundary '" + name + "', expected periodic, wall, open, inflow or outflow");
}

}  // namespace msde
