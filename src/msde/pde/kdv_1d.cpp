#include "msde/pde/kdv_1d.hpp"

#include <numbers>

namespace msde {
namespace {

// u_{i+1} - u_{i-1}
torch::Tensor central_difference(const torch::Tensor& u) {
  const int64_t n = u.size(-1);
  const auto padded = torch::cat({u.narrow(-1, n - 1, 1), u, u.narrow(-1, 0, 1)}, -1);
  return padded.narrow(-1, 2, n) - padded.narrow(-1, 0, n);
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
  // A shift by m points multiplies mode k by e^{i m theta_k}.
  const auto shift = [&](double m) { return torch::polar(torch::ones_like(theta), m * theta); };
  SemilinearEquation equation;
  equation.linear = (shift(2) - 3 * shift(1) + 3 - shift(-1)) * (-kdv.dispersion / (dx * dx * dx));
  equation.nonlinear = [n, dx](const torch::Tensor& v) {
    const auto u = torch::fft::irfft(v, n);
    return torch::fft::rfft((u * central_difference(u)).mul_(-1 / (2 * dx)));
  };
  return equation;
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
