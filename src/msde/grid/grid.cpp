#include "msde/grid/grid.hpp"

#include "msde/core/error.hpp"

namespace msde {

AxisEnds::AxisEnds(Boundary low_end, Boundary high_end) : low(low_end), high(high_end) {
  if (low != high && (low == Boundary::periodic || high == Boundary::periodic))
    throw DataError("an axis is periodic at both ends or at none, got " + to_string(low) + " and " +
                    to_string(high));
}

std::string to_string(Boundary boundary) {
  switch (boundary) {
    case Boundary::periodic:
      return "periodic";
    case Boundary::wall:
      return "wall";
    case Boundary::open:
      return "open";
  }
  return "";
}

Boundary parse_boundary(const std::string& name) {
  for (const Boundary boundary : {Boundary::periodic, Boundary::wall, Boundary::open}) {
    if (name == to_string(boundary)) return boundary;
  }
  throw DataError("unknown boundary '" + name + "', expected periodic, wall or open");
}

}  // namespace msde
