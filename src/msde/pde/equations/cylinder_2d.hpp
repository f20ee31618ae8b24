// The flow around a cylinder in a channel, as in the published benchmark: Guenther, Gross & Theisel, ACM
// Trans. Graph. 36 (2017), whose data Gerris (Popinet, J. Comput. Phys. 190 (2003)) computed.
#pragma once

#include <cstdint>
#include <vector>

#include "msde/pde/case_stream.hpp"
#include "msde/pde/coarse_equation.hpp"
#include "msde/pde/flow/channel_flow.hpp"
#include "msde/pde/flow/node_taps.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Inflow of speed 1, slip walls at y = 0 and `height`, Re = diameter / viscosity. The flow starts at once: u
// = 1, and v = disturbance exp(-r^2 / (diameter / 2)^2), r the distance from (x + 1.2 diameter, y), without
// which rounding takes more than 15 time units to become vortices.
struct Cylinder {
  double length = 8, height = 1;
  double diameter = .125, x = .5, y = .5;
  double reynolds = 160;
  int64_t cells_per_diameter = 20;
  double disturbance = .1;

  double h() const { return diameter / static_cast<double>(cells_per_diameter); }
};

class CylinderFlow {
 public:
  explicit CylinderFlow(const Cylinder& cylinder);

  ChannelFlow::Force advance(double dt);  // in equal stable steps; the force at the start
  // The velocity at points (i, j) * spacing, [2, shape[0], shape[1]] float64, by cubic interpolation. Inside
  // the body it is that of a fluid there, which means nothing.
  torch::Tensor at_points(double spacing, const std::array<int64_t, 2>& shape) const;
  // Starts anew from a velocity at such points; beyond the last column it is as there.
  void start_from(const torch::Tensor& points, double spacing);

  int64_t steps() const { return steps_; }  // so far
  const StaggeredVelocity& velocity() const { return velocity_; }
  const ChannelFlow& flow() const { return flow_; }

 private:
  Cylinder cylinder_;
  ChannelFlow flow_;
  StaggeredVelocity velocity_;
  int64_t steps_ = 0;
};

// The points of the data: (i / 80, j / 80), i < 320, j < 80.
struct CylinderPoints {
  static constexpr double spacing = 1. / 80;
  static constexpr std::array<int64_t, 2> shape = {320, 80};
};
// 1 where such a point is in the fluid, 0 inside the body and on its surface.
std::vector<uint8_t> cylinder_fluid();

// Snapshots .01 apart from t = 0, [count, 2, 320, 80], NaN in the body. NumericsError where it blows up,
// Stopped.
void simulate_cylinder_2d(const CaseRun& run, const TakeSnapshots& take);

// For the baseline coarse_dns: the same solver with fewer cells a diameter, from the velocity at the points
// of the data, x < 4. From there to the outflow the channel is filled with the last column of points, carried
// on along x; what it makes of this cannot reach x < 4 as fast as it is swept out, but by its pressure.
torch::Tensor coarse_cylinder(const torch::Tensor& first, const OwnSolver::Run& run, int64_t& evaluations);
std::vector<int64_t> coarse_cylinder_shape(int64_t cells);  // [2, cells along x, across]

}  // namespace msde
