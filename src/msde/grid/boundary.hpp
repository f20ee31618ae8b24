// What happens at the two ends of a grid axis, which may differ.
#pragma once

namespace msde {

enum class Boundary {
  periodic,  // the ends are neighbours
  wall,      // nothing passes: reflecting for waves, fixed values where a case says so
  open,      // everything leaves: zero gradient
  inflow,    // the flow enters with values of its own
  outflow,   // the flow leaves: zero gradient
};

// Both ends of one axis: before its first point and after its last. Periodic are both or none. One boundary
// stands for two of its kind, so `axis == Boundary::wall` asks whether both ends are walls.
struct AxisEnds {
  AxisEnds(Boundary both) : low(both), high(both) {}
  AxisEnds(Boundary low, Boundary high);  // DataError where one of them alone is periodic

  bool periodic() const { return low == Boundary::periodic; }
  bool operator==(const AxisEnds&) const = default;

  Boundary low, high;
};

}  // namespace msde
