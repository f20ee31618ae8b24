#include "msde/field/noise_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "msde/ops/fluid.hpp"

namespace msde {
namespace {

constexpr int64_t order = 6;
constexpr double gain = 924;  // sum of squared binomial coefficients of the sixth difference, (12 choose 6)

std::string first_split(const Dataset& dataset) {
  for (const auto* name : {"train", "val"}) {
    if (dataset.has_split(name)) return name;
  }
  return "test";
}

// Windows [count, C, *grid] of consecutive snapshots, evenly spread over trajectories and times; NaN where there is no
// fluid, so that no difference reaches across it.
std::vector<torch::Tensor> sample_windows(const Dataset& dataset) {
  const auto split = first_split(dataset);
  const auto shape = dataset.split(split);
  const int64_t length = std::min<int64_t>(order + 1, shape.n_snapshots);
  const int64_t affordable = (int64_t{1} << 22) / (length * dataset.grid().size());
  const int64_t n_windows = std::clamp<int64_t>(affordable, 1, 64);
  std::vector<torch::Tensor> windows;
  for (int64_t i = 0; i < n_windows; ++i) {
    const int64_t last_start = shape.n_snapshots - length;
    const int64_t start = n_windows == 1 ? 0 : last_start * i / (n_windows - 1);
    const auto fields = dataset.fields(split, i % shape.n_trajectories, start, length);
    windows.push_back(without_solid(fields, dataset.grid()));
  }
  return windows;
}

}  // namespace

double noise_along(const torch::Tensor& x, int64_t axis) {
  const auto differences = torch::diff(x.to(torch::kDouble), order, axis);
  return 1.4826 * differences.abs().nanmedian().item<double>() / std::sqrt(gain);
}

namespace {

double least_noise(const torch::Tensor& windows) {  // [n, count, C, *grid]
  double least = std::numeric_limits<double>::infinity();
  for (int64_t axis = 1; axis < windows.dim(); ++axis) {
    if (axis == 2 || windows.size(axis) <= order) continue;  // axis 2 are the channels
    least = std::min(least, noise_along(windows, axis));
  }
  return std::isfinite(least) ? least : 0;
}

}  // namespace

double estimate_noise_std(const Dataset& dataset) {
  return least_noise(torch::stack(sample_windows(dataset)));
}

std::vector<double> estimate_channel_noise(const Dataset& dataset) {
  const auto windows = torch::stack(sample_windows(dataset));
  std::vector<double> noise;
  for (int64_t c = 0; c < windows.size(2); ++c) noise.push_back(least_noise(windows.narrow(2, c, 1)));
  return noise;
}

}  // namespace msde
