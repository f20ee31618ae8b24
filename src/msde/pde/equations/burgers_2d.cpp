#include "msde/pde/equations/burgers_2d.hpp"

#include <cmath>

#include "msde/pde/steppers/finite_volumes.hpp"

namespace msde {
namespace {

// u_t + (u^2/2)_x + (u^2/2)_y = D lap u, with the exact flux of the Riemann problem (Godunov).
struct BurgersLaw {
  static constexpr int components = 1;
  using State = std::array<double, 1>;
  double viscosity;

  template <int axis>
  State flux(const State& left, const State& right) const {
    const double l = std::max(left[0], 0.), r = std::min(right[0], 0.);
    return {.5 * std::max(l * l, r * r)};
  }
  double speed(const State& u, int) const { return std::abs(u[0]); }
  static double mirrored(int, int) { return -1; }
  double diffusivity() const { return viscosity; }
};

}  // namespace

torch::Tensor time_derivative(const Burgers2d& burgers, const torch::Tensor& u) {
  const int64_t n = burgers.n;
  const double h = burgers.h();
  const auto shifted = [&](int64_t i, int64_t j) {
    return u.narrow(-2, 1 + i, n - 2).narrow(-1, 1 + j, n - 2);
  };
  const auto here = shifted(0, 0), east = shifted(1, 0), west = shifted(-1, 0), north = shifted(0, 1),
             south = shifted(0, -1);
  const auto laplacian = (east + west + north + south - 4 * here) / (h * h);
  const auto slopes = (east - west + north - south) / (2 * h);
  auto rate = torch::zeros_like(u);
  rate.narrow(-2, 1, n - 2).narrow(-1, 1, n - 2).copy_(burgers.viscosity * laplacian - here * slopes);
  return rate;
}

torch::Tensor burgers_initial(const Burgers2d& burgers, double c1, double c2) {
  const auto x = torch::linspace(0, burgers.length, burgers.n, torch::kDouble) - .3;
  return c1 * torch::exp(-(x.square().unsqueeze(1) + x.square()) / c2);
}

torch::Tensor solve_burgers_2d(const Burgers2d& burgers, const torch::Tensor& initial,
                               const SnapshotTimes& times, double max_step) {
  const int64_t steps = steps_per_snapshot(times, max_step);
  const double dt = times.spacing() / static_cast<double>(steps);
  const Step heun = [&](const torch::Tensor& u) {
    const auto k1 = time_derivative(burgers, u), k2 = time_derivative(burgers, u + dt * k1);
    return u + dt / 2 * (k1 + k2);
  };
  auto snapshots = torch::empty({times.n_snapshots, burgers.n, burgers.n}, torch::kDouble);
  trajectory(heun, initial, times.n_snapshots, steps,
             [&](int64_t i, const torch::Tensor& u) { snapshots[i].copy_(u); });
  return snapshots;
}

torch::Tensor simulate_burgers_2d(const RandomKey& key, const SnapshotTimes& times) {
  double draw[2];
  fill_normal(key, 0, 2, draw);
  const Burgers2d burgers;
  const double width = .2 + .01 * draw[1];
  return solve_burgers_2d(burgers, burgers_initial(burgers, 1 + .1 * draw[0], width * width), times)
      .unsqueeze(1);
}

torch::Tensor coarse_burgers_rate(const CoarseGrid& grid, const torch::Tensor& u) {
  return time_derivative(Burgers2d{.n = grid.shape[0]}, u);
}

CoarseStep coarse_burgers_step(const CoarseGrid& grid, double dt) {
  const CellGrid cells{
      {grid.shape[0], grid.shape[1]}, {grid.spacing(0), grid.spacing(1)}, {Boundary::open, Boundary::open}};
  const FiniteVolumes<BurgersLaw> volumes(cells, {Burgers2d{}.viscosity});
  return [volumes, dt](const torch::Tensor& u, int64_t& evaluations) {
    return volumes.advance(u, dt, &evaluations);
  };
}

}  // namespace msde
