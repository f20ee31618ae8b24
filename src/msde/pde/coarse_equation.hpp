// The equation of a case on a coarse grid: what the baseline "coarse DNS" integrates.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <vector>

#include "msde/pde/trajectory.hpp"

namespace msde {

// Of a periodic axis the points are length * i / n, i = 0 .. n - 1.
struct CoarseGrid {
  int64_t channels = 1;
  std::vector<int64_t> shape;  // points per axis
  std::vector<double> length;  // per axis
};

// A step of one frame, u(t) -> u(t + dt) with u float64 [C, *shape], and the evaluations of du/dt that it
// takes.
struct CoarseStep {
  Step step;
  int64_t evaluations = 1;
};

// One per case, beside its equation; both empty where a case has none.
struct CoarseEquation {
  // du/dt in the discretisation of the published coarse solver. float64 [C, *shape] -> the same.
  torch::Tensor (*published_rate)(const CoarseGrid& grid, const torch::Tensor& u) = nullptr;
  // The best solver for this equation on so few points.
  CoarseStep (*accurate_step)(const CoarseGrid& grid, double dt) = nullptr;
  // First and last point of each axis of the fine grid are the same place (linspace with both ends).
  bool ends_coincide = false;
};

}  // namespace msde
