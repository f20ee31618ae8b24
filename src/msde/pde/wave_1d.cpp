#include "msde/pde/wave_1d.hpp"

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

}  // namespace msde
