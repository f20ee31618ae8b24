#include "msde/scales/coarse_points.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "msde/core/error.hpp"
#include "msde/grid/coarse_sizes.hpp"

namespace msde {

void check_coarse_grid(const Grid& grid, const std::vector<int64_t>& n_zeta,
                       const std::vector<AxisRange>& crop) {
  if (static_cast<int64_t>(n_zeta.size()) != grid.dimensions())
    throw ConfigError(fmt::format("model.n_zeta: got {} number{} for a grid of {} axes ({} points); {}",
                                  n_zeta.size(), n_zeta.size() == 1 ? "" : "s", grid.dimensions(),
                                  fmt::join(grid.shape, " x "), proposed_n_zeta(grid, n_zeta, crop)));
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const int64_t n = grid.shape[axis], coarse = n_zeta[axis];
    if (n % coarse != 0 || coarse >= n)
      throw ConfigError(fmt::format(
          "model.n_zeta={} does not divide the {} points of axis {} ({}) into cells of two or more; {}",
          coarse, n, axis, grid.axes[axis], proposed_n_zeta(grid, n_zeta, crop)));
  }
}

int64_t first_coarse_point(const AxisEnds& ends, int64_t sigma) {
  return ends.periodic() ? 0 : sigma / 2;
}

torch::Tensor restricted_points(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  check_coarse_grid(grid, n_zeta);
  auto kept = torch::arange(grid.channels, torch::kLong);
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const int64_t n = grid.shape[axis], sigma = n / n_zeta[axis];
    auto along = torch::arange(first_coarse_point(grid.boundary[axis], sigma), n, sigma, torch::kLong);
    kept = (kept.unsqueeze(-1) * n + along).reshape({-1});
  }
  return kept;
}

}  // namespace msde
