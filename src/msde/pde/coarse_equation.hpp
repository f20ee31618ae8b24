// The equation of a case on a coarse grid: what the baseline "coarse DNS" integrates.
#pragma once

#include <functional>
#include <vector>

#include "msde/grid/boundary.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Cells of length / shape; the points of a periodic axis are their left ends, those of others their middles.
struct CoarseGrid {
  int64_t channels = 1;
  std::vector<int64_t> shape;           // points per axis
  std::vector<double> length;           // per axis, all cells together
  std::vector<AxisEnds> boundary = {};  // per axis; empty = periodic

  double spacing(size_t axis) const { return length[axis] / static_cast<double>(shape[axis]); }
};

// A step of one frame, u(t) -> u(t + dt), float64 [C, *shape]; adds to `evaluations` those of du/dt that it
// takes.
using CoarseStep = std::function<torch::Tensor(const torch::Tensor& u, int64_t& evaluations)>;

// One per case, beside its equation; both solvers empty where a case has none.
struct CoarseEquation {
  // du/dt in the discretisation of the published coarse solver (shallow_water_2d has none: its own finite
  // volumes). float64 [S, *shape] -> the same.
  torch::Tensor (*published_rate)(const CoarseGrid& grid, const torch::Tensor& u) = nullptr;
  // The best solver for this equation on so few points.
  CoarseStep (*accurate_step)(const CoarseGrid& grid, double dt) = nullptr;
  // The solvers obey CoarseGrid::boundary; else they are for the boundary of the case alone.
  bool any_boundary = false;
  // First and last point of each axis of the fine grid are the same place (linspace with both ends).
  bool ends_coincide = false;
  // The state that belongs to a first field where the equation has more unknowns than the data: [C, *shape]
  // -> [S, *shape], whose first C components are the field. Empty: the field is the state.
  torch::Tensor (*first_state)(const torch::Tensor& field) = nullptr;
};

}  // namespace msde
