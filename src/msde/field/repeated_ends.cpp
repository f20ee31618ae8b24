#include "msde/field/repeated_ends.hpp"

#include <fmt/format.h>

#include "msde/core/error.hpp"
#include "msde/grid/boundary_words.hpp"

namespace msde {
namespace {

constexpr int64_t kFewPoints = 5;                   // an axis of fewer says nothing
constexpr double kRounding = 1e-6, kChange = 1e-3;  // of the range of values

// Of values that are there; of none 0.
double range_of(const torch::Tensor& x) {
  const auto there = x.masked_select(x.isfinite());
  return there.numel() == 0 ? 0 : (there.max() - there.min()).item<double>();
}

bool repeats(const torch::Tensor& x, int64_t axis) {
  const int64_t n = x.size(axis);
  if (n < kFewPoints) return false;
  const auto at = [&](int64_t i) { return x.select(axis, i); };
  const auto distance = [&](int64_t i, int64_t j) {
    return (at(i) - at(j)).abs().nan_to_num(0.).max().item<double>();
  };
  const double range = range_of(x);
  return distance(0, n - 1) <= kRounding * range && distance(1, n - 2) > kChange * range &&
         range_of(at(0)) > kChange * range;
}

}  // namespace

void refuse_repeated_ends(const std::string& path, const Grid& grid, const torch::Tensor& snapshots) {
  const auto x = snapshots.to(torch::kDouble);
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    if (!grid.boundary[axis].periodic() || !repeats(x, axis + 2)) continue;
    const int64_t n = grid.shape[axis];
    throw DataError(
        fmt::format("{}: along {} the last of {} points repeats the first, in every snapshot looked at; a "
                    "periodic axis has "
                    "each point once: data.crop = \"{}=0:{}\" with data.boundary = \"{}\" (--crop, "
                    "--boundary) leaves it out",
                    path, grid.axes[axis], n, grid.axes[axis], n - 1, boundary_words(grid.boundary)));
  }
}

}  // namespace msde
