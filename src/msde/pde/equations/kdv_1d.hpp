// The Korteweg-de Vries equation, semi-discretised as in the published benchmark.
#pragma once

#include "msde/core/random/random.hpp"
#include "msde/pde/coarse_equation.hpp"
#include "msde/pde/steppers/etdrk4.hpp"
#include "msde/pde/steppers/trajectory.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// u_t = -u u_x - dispersion u_xxx on [0, length), periodic, n points, dx = length / n, with
//   u_x   ~ (u_{i+1} - u_{i-1}) / (2 dx)
//   u_xxx ~ (u_{i+2} - 3 u_{i+1} + 3 u_i - u_{i-1}) / dx^3,
// the latter centred at i + 1/2: it adds the hyper-diffusion -dispersion dx/2 u_xxxx. sum_i u_i is conserved.
struct Kdv {
  int64_t n = 1000;
  double length = 10;
  double dispersion = .02;

  double dx() const { return length / static_cast<double>(n); }
};

torch::Tensor time_derivative(const Kdv& kdv, const torch::Tensor& u);  // [..., n] -> [..., n]
SemilinearEquation spectral_form(const Kdv& kdv);  // of v = rfft(u), the same ODE exactly

// The same on n points by a spectral method, of v = rfft(u), without aliasing (products on 3/2 n points):
//   v_t = L v - (u D u)^.
// fine_dx = 0: L and D are those of the equation, i dispersion k^3 and i k. Else those of the stencils above
// on a grid of that spacing, so coarse modes move as the data of that grid do. The highest mode of an even n
// has no odd derivative: it is kept still.
SemilinearEquation dealiased_form(const Kdv& kdv, double fine_dx = 0);

// For the baseline coarse_dns: the published stencils on the coarse grid itself; and etdrk4 on the dealiased
// form with the stencils of the benchmark's fine grid.
torch::Tensor coarse_kdv_rate(const CoarseGrid& grid, const torch::Tensor& u);
CoarseStep coarse_kdv_step(const CoarseGrid& grid, double dt);

// A cos(pi x) exp(-(x - 7.5)^2 / s^2) at x = linspace(0, length, n), both ends included. float64 [n].
torch::Tensor kdv_initial(const Kdv& kdv, double A, double s);

// Snapshots of the ODE from `initial` [n], float64 [n_snapshots, n]; time steps no longer than max_step.
// Halving the default step changes no value of the benchmark by more than 1e-8 (1e-6 is asked for).
constexpr double kdv_max_step = 5e-4;
torch::Tensor solve_kdv(const Kdv& kdv, const torch::Tensor& initial, const SnapshotTimes& times,
                        double max_step = kdv_max_step);

// One trajectory of the benchmark, [n_snapshots, 1, 1000]: A ~ N(2, .1^2), s ~ N(1, .1^2), values 0 and 1 of
// `key`.
torch::Tensor simulate_kdv_1d(const RandomKey& key, const SnapshotTimes& times);

}  // namespace msde
