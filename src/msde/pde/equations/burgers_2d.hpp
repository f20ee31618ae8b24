// The viscous Burgers equation of one speed in two dimensions, as in the published benchmark.
#pragma once

#include "msde/core/random/random.hpp"
#include "msde/pde/coarse_equation.hpp"
#include "msde/pde/steppers/trajectory.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// u_t = viscosity (u_xx + u_yy) - u (u_x + u_y) on [0, length]^2, n points per axis with both ends, h =
// length / (n - 1), central differences of second order; du/dt = 0 on the boundary.
struct Burgers2d {
  int64_t n = 128;
  double length = 1;
  double viscosity = .005;

  double h() const { return length / static_cast<double>(n - 1); }
};

torch::Tensor time_derivative(const Burgers2d& burgers, const torch::Tensor& u);  // [.., n, n] -> the same

// c1 exp(-((x - .3)^2 + (y - .3)^2) / c2), float64 [n, n].
torch::Tensor burgers_initial(const Burgers2d& burgers, double c1, double c2);

// Snapshots from `initial` [n, n] by Heun's method (published: dt = .001), float64 [n_snapshots, n, n]; time
// steps no longer than max_step.
constexpr double burgers_max_step = 1e-3;
torch::Tensor solve_burgers_2d(const Burgers2d& burgers, const torch::Tensor& initial,
                               const SnapshotTimes& times, double max_step = burgers_max_step);

// One trajectory of the benchmark, [n_snapshots, 1, 128, 128]: c1 ~ N(1, .1^2), sqrt(c2) ~ N(.2, .01^2),
// values 0 and 1 of `key`.
torch::Tensor simulate_burgers_2d(const RandomKey& key, const SnapshotTimes& times);

// For the baseline coarse_dns: the published scheme on m points a side with h = length / (m - 1); and finite
// volumes with Godunov's flux on m cells a side, outflow at the boundary.
torch::Tensor coarse_burgers_rate(const CoarseGrid& grid, const torch::Tensor& u);
CoarseStep coarse_burgers_step(const CoarseGrid& grid, double dt);

}  // namespace msde
