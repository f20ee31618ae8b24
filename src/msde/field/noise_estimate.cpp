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

// Consecutive snapshots, evenly spread over trajectories and times: [n, count, C, *grid] at times [n, count] of each,
// undefined where these are equally spaced. NaN where there is no fluid, so that no difference reaches across it.
struct Windows {
  torch::Tensor fields, times;
};
Windows sample_windows(const Dataset& dataset) {
  const auto split = first_split(dataset);
  const auto shape = dataset.split(split);
  const int64_t length = std::min<int64_t>(order + 1, shape.n_snapshots);
  const int64_t affordable = (int64_t{1} << 22) / (length * dataset.grid().size());
  const int64_t n_windows = std::clamp<int64_t>(affordable, 1, 64);
  std::vector<torch::Tensor> windows, times;
  for (int64_t i = 0; i < n_windows; ++i) {
    const int64_t last_start = shape.n_snapshots - length;
    const int64_t start = n_windows == 1 ? 0 : last_start * i / (n_windows - 1);
    const auto fields = dataset.fields(split, i % shape.n_trajectories, start, length);
    windows.push_back(without_solid(fields, dataset.grid()));
    times.push_back(dataset.times(split)[i % shape.n_trajectories].narrow(0, start, length));
  }
  return {torch::stack(windows), dataset.equal_times() ? torch::Tensor() : torch::stack(times)};
}

}  // namespace

double noise_in_time(const torch::Tensor& x, const torch::Tensor& times) {
  // Divided difference: sum_i x_i / prod_(j != i) (t_i - t_j), scaled so that its noise is that of one value.
  const int64_t n = order + 1;
  const auto t = times.narrow(1, 0, n).to(torch::kDouble);
  const auto apart = t.unsqueeze(2) - t.unsqueeze(1) + torch::eye(n, torch::kDouble);
  const auto scale = t.narrow(1, n - 1, 1) - t.narrow(1, 0, 1);  // products of differences stay near 1
  const auto weight = 1 / (apart / scale.unsqueeze(2)).prod(2);
  const auto unit = weight / weight.square().sum(1, true).sqrt();
  auto shape = std::vector<int64_t>(static_cast<size_t>(x.dim()), 1);
  shape[0] = x.size(0), shape[1] = n;
  const auto difference = (x.narrow(1, 0, n).to(torch::kDouble) * unit.view(shape)).sum(1);
  return 1.4826 * difference.abs().nanmedian().item<double>();
}

double noise_along(const torch::Tensor& x, int64_t axis) {
  const auto differences = torch::diff(x.to(torch::kDouble), order, axis);
  return 1.4826 * differences.abs().nanmedian().item<double>() / std::sqrt(gain);
}

namespace {

double least_noise(const torch::Tensor& windows, const torch::Tensor& times) {  // [n, count, C, *grid]
  double least = std::numeric_limits<double>::infinity();
  for (int64_t axis = 1; axis < windows.dim(); ++axis) {
    if (axis == 2 || windows.size(axis) <= order) continue;  // axis 2 are the channels
    const bool unequal = axis == 1 && times.defined();
    least = std::min(least, unequal ? noise_in_time(windows, times) : noise_along(windows, axis));
  }
  return std::isfinite(least) ? least : 0;
}

}  // namespace

double estimate_noise_std(const Dataset& dataset) {
  const auto windows = sample_windows(dataset);
  return least_noise(windows.fields, windows.times);
}

std::vector<double> estimate_channel_noise(const Dataset& dataset) {
  const auto windows = sample_windows(dataset);
  std::vector<double> noise;
  for (int64_t c = 0; c < windows.fields.size(2); ++c)
    noise.push_back(least_noise(windows.fields.narrow(2, c, 1), windows.times));
  return noise;
}

}  // namespace msde
