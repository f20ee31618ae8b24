#include "msde/infer/data/choose_frame.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"
#include "msde/field/spread_snapshots.hpp"
#include "msde/tensor/evenly_spread.hpp"

namespace msde {
namespace {

constexpr int64_t kRounds = 4;    // of moving first snapshots to their mean
constexpr int64_t kStarts = 256;  // first snapshots that are looked at
constexpr int64_t kTrainingRows = 256, kValidationRows = 128;
constexpr int64_t kStartValues = int64_t{1}
                                 << 22;  // first snapshots are fewer where they would be more values
constexpr double kAsWell = 1.05;
constexpr double kRoundingOfModes = 1e-12;  // of squares, without units

std::string why_none(const Grid& grid) {
  const bool periodic =
      std::any_of(grid.boundary.begin(), grid.boundary.end(), [](const AxisEnds& e) { return e.periodic(); });
  if (!periodic) return "no axis is periodic";
  return grid.mask ? "some points are no fluid" : "";
}

std::string why_none(const Dataset& data) {
  if (const auto why = why_none(data.grid()); !why.empty()) return why;
  if (!data.clock().words.empty()) return "a clock may act at a place";
  if (data.n_f() == 0) return "";
  const auto f = data.forcing("train").flatten(0, 1);
  return (f.amax(0) - f.amin(0)).max().item<double>() > 0 ? "a forcing may act at a place" : "";
}

void require_none(const std::string& why, const std::string& asked) {
  if (asked == "start" && !why.empty())
    throw ConfigError("model.frame = \"start\": " + why + "; use \"fixed\"");
}

torch::Tensor first_snapshots(const Dataset& data) {  // [S, C, *grid]
  std::vector<torch::Tensor> first;
  const auto chosen = evenly_spread(data.split("train").n_trajectories,
                                    std::clamp<int64_t>(kStartValues / data.grid().size(), 1, kStarts));
  for (int64_t k = 0; k < chosen.numel(); ++k)
    first.push_back(data.fields("train", chosen[k].item<int64_t>(), 0, 1));
  return torch::cat(first);
}

// Points after which fields repeat along axis `dim` of snapshots: all of them, or one less where the last is the first again,
// which is as like it as noise lets it be and clearly unlike its neighbour.
int64_t period_of(const torch::Tensor& snapshots, int64_t dim, double noise_std) {
  constexpr double kRounding = 1e-12, kRoom = 1.2, kDeviations = 6;
  const int64_t n = snapshots.size(dim);
  const double count = static_cast<double>(snapshots.numel()) / static_cast<double>(n);
  const auto apart = [&](int64_t i, int64_t j) {
    return (snapshots.select(dim, i) - snapshots.select(dim, j)).square().mean().item<double>();
  };
  const double most_of_noise =
      kRoom * (2 * noise_std * noise_std + kRounding) * (1 + kDeviations * std::sqrt(2 / count));
  return n > 3 && apart(0, n - 1) <= most_of_noise && apart(n - 2, n - 1) > 2 * most_of_noise ? n - 1 : n;
}

// Mean logarithm of the rms that 4, 8, 16 .. modes of training leave of validation; none of fewer than 8 snapshots.
std::optional<double> left_of_validation(const Dataset& data) {
  const auto train = spread_snapshots(data, "train", kTrainingRows),
             val = spread_snapshots(data, "val", kValidationRows);
  const auto [values, vectors] = torch::linalg_eigh(train.mm(train.t()));  // ascending
  const int64_t m = train.size(0), n = train.size(1);
  const double least = kRoundingOfModes * values[m - 1].item<double>() + 1e-300;
  double sum = 0;
  int64_t count = 0;
  for (int64_t r = 4; r <= std::min(m, n) / 2; r *= 2, ++count) {
    const auto size = values.narrow(0, m - r, r).clamp_min(least).sqrt();
    const auto modes = train.t().mm(vectors.narrow(1, m - r, r)) / size;
    const auto left = val - val.mm(modes).mm(modes.t());
    sum += .5 * std::log(left.square().mean().item<double>() + kRoundingOfModes);
  }
  if (count == 0) return std::nullopt;
  return sum / static_cast<double>(count);
}

}  // namespace

void check_frame(const Grid& grid, const std::string& asked) {
  require_none(why_none(grid), asked);
}
void check_frame(const Dataset& data, const std::string& asked) {
  require_none(why_none(data), asked);
}

ChosenFrame choose_frame(const Dataset& data, const std::string& asked, double noise_std) {
  if (asked == "fixed") return {};
  check_frame(data, asked);
  if (!why_none(data).empty()) return {};
  const Grid& grid = data.grid();
  const auto first = first_snapshots(data);
  StartFrame frame;
  std::vector<std::string> axes;
  auto snapshot_shape = first.sizes().vec();
  snapshot_shape[0] = -1;
  const auto of_all_times = spread_snapshots(data, "train", kTrainingRows).view(snapshot_shape);
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const bool moves = grid.boundary[axis].periodic();
    frame.period.push_back(moves ? period_of(of_all_times, axis + 2, noise_std) : 0);
    if (moves) axes.push_back(grid.axes[axis]);
  }
  frame.reference = first[0].nan_to_num(0);
  for (int64_t round = 0; round < kRounds; ++round) {
    auto mean = torch::zeros_like(frame.reference);
    for (int64_t k = 0; k < first.size(0); ++k)
      mean += moved(first[k].nan_to_num(0), frame.period, frame.places(first[k])) /
              static_cast<double>(first.size(0));
    frame.reference = mean;
  }
  if (asked != "start") {
    const auto there = left_of_validation(data), moved_there = left_of_validation(data.in_frame(frame));
    const bool as_well = there && moved_there && *moved_there <= *there + std::log(kAsWell);
    if (!as_well) return {};
  }
  return {
      frame,
      fmt::format("fields are moved along {} so that all trajectories begin alike (model.frame = \"start\"): "
                  "where along it one begins is taken to make no difference",
                  fmt::join(axes, " and "))};
}

std::vector<int64_t> period_of_axes(const Dataset& data, double noise_std) {
  const Grid& grid = data.grid();
  auto shape = grid.shape;
  shape.insert(shape.begin(), {-1, grid.channels});
  const auto snapshots = spread_snapshots(data, "train", kTrainingRows).view(shape);
  std::vector<int64_t> period;
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis)
    period.push_back(grid.boundary[axis].periodic() ? period_of(snapshots, axis + 2, noise_std)
                                                    : grid.shape[axis]);
  return period == grid.shape ? std::vector<int64_t>{} : period;
}

}  // namespace msde
