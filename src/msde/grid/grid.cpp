#include "msde/grid/grid.hpp"

#include "msde/core/error.hpp"

namespace msde {

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
