#include "msde/pde/equations/wave_1d.hpp"

#include <numbers>

namespace msde {

torch::Tensor travelling_pulse(int64_t n, double width, const SnapshotTimes& times) {
  const auto x = torch::linspace(0, 1, n, torch::kDouble);
  const auto t = torch::linspace(0, times.end, times.n_snapshots, torch::kDouble);
  const auto offset = torch::remainder(x - t.unsqueeze(1), 1.0);
  const auto d = torch::minimum(offset, 1 - offset);
  return torch::exp(-(d / width).square());
}

torch::Tensor simulate_wave_1d(const RandomKey& key, const SnapshotTimes& times) {
  double draw;
  fill_uniform(key, 0, 1, &draw);
  return travelling_pulse(1000, .01 + .01 * draw, times).unsqueeze(1);
}

torch::Tensor advection_rate(const CoarseGrid& grid, const torch::Tensor& u) {
  const double dx = grid.spacing(0);
  return (u.roll(1, -1) - u.roll(-1, -1)) / (2 * dx);
}

CoarseStep advection_step(const CoarseGrid& grid, double dt) {
  const int64_t n = grid.shape[0];
  const auto angle = torch::arange(n / 2 + 1, torch::kDouble) * (-2 * std::numbers::pi * dt / grid.length[0]);
  auto shift = torch::polar(torch::ones_like(angle), angle);
  if (n % 2 == 0) shift[n / 2] = 0;
  return [n, shift](const torch::Tensor& u, int64_t& evaluations) {
    ++evaluations;
    return torch::fft::irfft(torch::fft::rfft(u) * shift, n);
  };
}

}  // namespace msde
