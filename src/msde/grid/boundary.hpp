// What happens at the two ends of a grid axis.
#pragma once

namespace msde {

enum class Boundary {
  periodic,  // the ends are neighbours
  wall,      // nothing passes: reflecting for waves, fixed values where a case says so
  open,      // everything leaves: zero gradient
};

}  // namespace msde
