// A circle in a staggered grid: what the fluid's velocity is on it, and forces on it as velocities of the
// grid.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "msde/pde/flow/staggered.hpp"

namespace msde {

struct Circle {
  double x = 0, y = 0, radius = 0;
};

// Points X_k, evenly on the circle of radius - .3 h, about h apart and not closer, with the delta of three
// points of Roma, Peskin & Berger, J. Comput. Phys. 153 (1999),
//   d(r) = (1 + sqrt(1 - 3 r^2)) / 3 for |r| <= 1/2, (5 - 3|r| - sqrt(1 - 3 (1 - |r|)^2)) / 6 for |r| <= 3/2.
// The delta moves the surface outwards by about what the points lie inside it.
class ImmersedCircle {
 public:
  // The circle lies at least three cells inside the channel.
  ImmersedCircle(const Channel& channel, const Circle& circle);

  int64_t values() const { return static_cast<int64_t>(points_[0].size() + points_[1].size()); }
  // Cells whose divergence a force changes, and whose pressure changes the velocity on the circle, are in
  // rows first_row() .. end_row() - 1.
  int64_t first_row() const { return first_row_; }
  int64_t end_row() const { return end_row_; }

  // u at all points, then v: sum over faces of d((x - X) / h) d((y - Y) / h) times the velocity.
  std::vector<double> sense(const StaggeredVelocity& velocity) const;
  // The transposed: adds to every face what the `values` of the points give it.
  void spread(const std::vector<double>& values, StaggeredVelocity& velocity) const;

 private:
  struct Point {
    int64_t i, j;                         // first of three rows and three faces of each
    std::array<double, 3> along, across;  // weights
  };
  std::array<std::vector<Point>, 2> points_;  // for u, for v
  int64_t first_row_ = 0, end_row_ = 0;
};

}  // namespace msde
