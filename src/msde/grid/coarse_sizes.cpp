#include "msde/grid/coarse_sizes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace msde {
namespace {

constexpr double kNear = 1.5;      // ratio of a size that still is what was meant
constexpr double kLeastKept = .9;  // of the points of an axis, in a crop that is proposed

double distance(int64_t size, double wanted) {
  return std::abs(std::log(static_cast<double>(size) / wanted));
}

// The size nearest to `wanted`, 0 where n has none; one cell is enough where it is not the whole grid.
int64_t nearest_size(int64_t n, double wanted, bool one_is_enough) {
  auto sizes = coarse_sizes(n);
  if (sizes.empty() && one_is_enough && n > 1) sizes = {1};
  int64_t best = 0;
  for (const int64_t size : sizes)
    if (best == 0 || distance(size, wanted) < distance(best, wanted)) best = size;
  return best;
}

struct Fit {
  int64_t points = 0, size = 0;
};

// With as many points as possible, of which the size is near; else the nearest of all that half of them or more have.
Fit fit_of(int64_t n, double wanted, bool one_is_enough) {
  for (int64_t points = n; static_cast<double>(points) >= kLeastKept * static_cast<double>(n); --points) {
    const int64_t size = nearest_size(points, wanted, one_is_enough);
    if (size > 0 && distance(size, wanted) <= std::log(kNear)) return {points, size};
  }
  Fit nearest;
  for (int64_t points = n; 2 * points >= n; --points) {
    const int64_t size = nearest_size(points, wanted, one_is_enough);
    if (size > 0 && (nearest.size == 0 || distance(size, wanted) < distance(nearest.size, wanted)))
      nearest = {points, size};
  }
  return nearest;
}

}  // namespace

std::vector<int64_t> coarse_sizes(int64_t n) {
  std::vector<int64_t> sizes;
  for (int64_t divisor = 1; divisor <= n / divisor; ++divisor) {  // and its counterpart
    if (n % divisor != 0) continue;
    if (divisor <= n / 2) sizes.push_back(divisor);
    if (const int64_t other = n / divisor; other != divisor && other <= n / 2) sizes.push_back(other);
  }
  std::sort(sizes.begin(), sizes.end());
  if (sizes.size() == 1) sizes.clear();  // one cell is no grid
  return sizes;
}

std::string proposed_n_zeta(const Grid& grid, const std::vector<int64_t>& asked,
                            const std::vector<AxisRange>& crop) {
  const auto D = static_cast<double>(grid.dimensions());
  double cells = 1, points = 1;
  for (const int64_t n : asked) cells *= static_cast<double>(std::max<int64_t>(1, n));
  for (const int64_t n : grid.shape) points *= static_cast<double>(n);
  const double cell = std::pow(points / cells, 1 / D);  // points along each of its axes
  std::vector<int64_t> sizes;
  std::vector<std::string> ranges;
  bool smaller = false;
  std::string opened;
  for (size_t i = 0; i < grid.shape.size(); ++i) {
    const int64_t n = grid.shape[i];
    const double wanted = asked.size() == grid.shape.size()
                              ? static_cast<double>(std::max<int64_t>(1, asked[i]))
                              : std::max(1., static_cast<double>(n) / cell);
    const Fit fit = fit_of(n, wanted, /*one_is_enough=*/grid.shape.size() > 1);
    if (fit.size == 0) return "no size of a coarse grid fits; the grid is too small";
    sizes.push_back(fit.size);
    const auto cut =
        std::find_if(crop.begin(), crop.end(), [&](const auto& c) { return c.axis == grid.axes[i]; });
    const int64_t first = cut == crop.end() ? 0 : cut->first;
    if (fit.points < n || cut != crop.end())
      ranges.push_back(fmt::format("{}={}:{}", grid.axes[i], first, first + fit.points));
    if (fit.points == n) continue;
    smaller = true;
    if (i < grid.boundary.size() && grid.boundary[i].periodic())
      opened += ", which makes " + grid.axes[i] + " open";
  }
  if (std::all_of(sizes.begin(), sizes.end(), [](int64_t size) { return size == 1; }))
    return "no size of a coarse grid fits; the grid is too small";
  const std::string value =
      sizes.size() == 1 ? std::to_string(sizes[0]) : fmt::format("[{}]", fmt::join(sizes, ", "));
  if (!smaller) return fmt::format("model.n_zeta = {} fits", value);
  return fmt::format("data.crop = \"{}\" and model.n_zeta = {} fit{}", fmt::join(ranges, ","), value, opened);
}

}  // namespace msde
