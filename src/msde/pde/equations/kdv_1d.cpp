#include "msde/pde/equations/kdv_1d.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace msde {
namespace {

// u_{i+1} - u_{i-1}
torch::Tensor central_difference(const torch::Tensor& u) {
  const int64_t n = u.size(-1);
  const auto padded = torch::cat({u.narrow(-1, n - 1, 1), u, u.narrow(-1, 0, 1)}, -1);
  return padded.narrow(-1, 2, n) - padded.narrow(-1, 0, n);
}

// The symbol of u_{i+2} - 3 u_{i+1} + 3 u_i - u_{i-1}: a shift by m points multiplies mode k by e^{i m
// theta_k}.
torch::Tensor third_difference(const torch::Tensor& theta) {
  const auto shift = [&](double m) { return torch::polar(torch::ones_like(theta), m * theta); };
  return shift(2) - 3 * shift(1) + 3 - shift(-1);
}

}  // namespace

torch::Tensor time_derivative(const Kdv& kdv, const torch::Tensor& u) {
  const double dx = kdv.dx();
  const auto next = u.roll(-1, -1);
  const auto u_xxx = (u.roll(-2, -1) - 3 * next + 3 * u - u.roll(1, -1)) / (dx * dx * dx);
  return -u * (next - u.roll(1, -1)) / (2 * dx) - kdv.dispersion * u_xxx;
}

SemilinearEquation spectral_form(const Kdv& kdv) {
  const double dx = kdv.dx();
  const int64_t n = kdv.n;
  const auto theta =
      torch::arange(n / 2 + 1, torch::kDouble) * (2 * std::numbers::pi / static_cast<double>(n));
  SemilinearEquation equation;
  equation.linear = third_difference(theta) * (-kdv.dispersion / (dx * dx * dx));
  equation.nonlinear = [n, dx](const torch::Tensor& v) {
    const auto u = torch::fft::irfft(v, n);
    return torch::fft::rfft((u * central_difference(u)).mul_(-1 / (2 * dx)));
  };
  return equation;
}

SemilinearEquation dealiased_form(const Kdv& kdv, double fine_dx) {
  const int64_t n = kdv.n, modes = n / 2 + 1, products = 3 * ((n + 1) / 2);
  auto k = torch::arange(modes, torch::kDouble) * (2 * std::numbers::pi / kdv.length);
  if (n % 2 == 0) k[n / 2] = 0;
  const auto zero = torch::zeros_like(k);
  auto D = torch::complex(zero, k);
  SemilinearEquation equation;
  equation.linear = torch::complex(zero, kdv.dispersion * k.pow(3));
  if (fine_dx > 0) {
    D = torch::complex(zero, torch::sin(k * fine_dx) / fine_dx);
    equation.linear = third_difference(k * fine_dx) * (-kdv.dispersion / std::pow(fine_dx, 3));
  }
  const double scale =
      static_cast<double>(products) / static_cast<double>(n);  // of transforms of unequal lengths
  equation.nonlinear = [=](const torch::Tensor& v) {
    const auto u = torch::fft::irfft(v, products), slope = torch::fft::irfft(D * v, products);
    auto product = torch::fft::rfft(u * slope).narrow(-1, 0, modes) * -scale;
    if (n % 2 == 0) product.select(-1, n / 2).zero_();
    return product;
  };
  return equation;
}

torch::Tensor coarse_kdv_rate(const CoarseGrid& grid, const torch::Tensor& u) {
  return time_derivative(Kdv{.n = grid.shape[0], .length = grid.length[0]}, u);
}

CoarseStep coarse_kdv_step(const CoarseGrid& grid, double dt) {
  const Kdv kdv{.n = grid.shape[0], .length = grid.length[0]};
  constexpr double speed =
      3;  // the steep term moves no faster; at most half a radian of the highest mode a step
  const double max_step = std::min(1e-3, .5 / (speed * std::numbers::pi / kdv.dx()));
  const int64_t steps = steps_per_snapshot({dt, 2}, max_step);
  const auto step = etdrk4(dealiased_form(kdv, Kdv{}.dx()), dt / static_cast<double>(steps));
  return [step, steps, n = kdv.n](const torch::Tensor& u, int64_t& evaluations) {
    evaluations += 4 * steps;
    auto v = torch::fft::rfft(u);
    for (int64_t s = 0; s < steps; ++s) v = step(v);
    return torch::fft::irfft(v, n);
  };
}

torch::Tensor kdv_initial(const Kdv& kdv, double A, double s) {
  const auto x = torch::linspace(0, kdv.length, kdv.n, torch::kDouble);
  return A * torch::cos(std::numbers::pi * x) * torch::exp(-(x - 7.5).square() / (s * s));
}

torch::Tensor solve_kdv(const Kdv& kdv, const torch::Tensor& initial, const SnapshotTimes& times,
                        double max_step) {
  const int64_t steps = steps_per_snapshot(times, max_step);
  const auto step = etdrk4(spectral_form(kdv), times.spacing() / static_cast<double>(steps));
  auto snapshots = torch::empty({times.n_snapshots, kdv.n}, torch::kDouble);
  trajectory(step, torch::fft::rfft(initial), times.n_snapshots, steps,
             [&](int64_t i, const torch::Tensor& v) {
               snapshots[i].copy_(i == 0 ? initial : torch::fft::irfft(v, kdv.n));
             });
  return snapshots;
}

torch::Tensor simulate_kdv_1d(const RandomKey& key, const SnapshotTimes& times) {
  double draw[2];
  fill_normal(key, 0, 2, draw);
  const Kdv kdv;
  return solve_kdv(kdv, kdv_initial(kdv, 2 + .1 * draw[0], 1 + .1 * draw[1]), times).unsqueeze(1);
}

}  // namespace msde
