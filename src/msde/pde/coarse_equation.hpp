// The equation of a case on a coarse grid: what the baseline "coarse DNS" integrates.
#pragma once

#include <array>
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

// A solver with a grid of its own, for a case whose field is but a part of what flows.
struct OwnSolver {
  struct Run {
    int64_t cells = 0;  // its resolution
    double mu = 0;      // the trajectory's parameter, 0 where the data have none
    double dt = 1;
    int64_t n_steps = 1;
  };
  // Snapshots on the points of the data from a first one, float64 [C, *grid] -> [n_steps + 1, C, *grid]. What
  // is NaN in the first, or lies in a body, counts as 0 and is 0. NumericsError, Stopped.
  torch::Tensor (*forecast)(const torch::Tensor& first, const Run& run, int64_t& evaluations) = nullptr;
  std::vector<int64_t> (*shape)(int64_t cells) = nullptr;  // [C, *its grid]
  std::array<int64_t, 3> resolutions = {};  // coarsest first: the row "reference"; the last is "strong"
};

// One per case, beside its equation; all solvers empty where a case has none.
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
  OwnSolver own = {};  // in place of all above; may be left out

  bool has_own() const { return own.forecast != nullptr; }
  bool known() const { return accurate_step != nullptr || has_own(); }
};

}  // namespace msde
