#include "msde/scales/coarse_points.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "msde/core/error.hpp"
#include "msde/grid/coarse_sizes.hpp"
#include "msde/ops/fluid.hpp"

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

torch::Tensor carried_cells(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  constexpr double kLeastFluid = .1;
  check_coarse_grid(grid, n_zeta);
  int64_t cells = 1, points_of_cell = 1;
  for (const int64_t n : n_zeta) cells *= n;
  if (!grid.mask) return torch::arange(cells, torch::kLong);
  auto cell = torch::zeros({1}, torch::kLong);  // of every point
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const int64_t n = grid.shape[axis], sigma = n / n_zeta[axis];
    const int64_t low =
        grid.boundary[axis].periodic() ? sigma / 2 : 0;  // points of a cell before its multiple of sigma
    const auto along = ((torch::arange(n, torch::kLong) + low) % n).floor_divide(sigma);
    cell = (cell.unsqueeze(1) * n_zeta[axis] + along).reshape({-1});
    points_of_cell *= sigma;
  }
  const auto fluid = torch::bincount(cell, fluid_weight(grid).flatten(), cells);
  const auto carried = (fluid >= kLeastFluid * static_cast<double>(points_of_cell)).nonzero().flatten();
  if (carried.numel() == 0)
    throw ConfigError(fmt::format(
        "model.n_zeta = [{}]: less than a tenth of every cell is fluid ({} of {} points); more cells fit it",
        fmt::join(n_zeta, ", "), grid.fluid_points(), grid.points()));
  return carried;
}

torch::Tensor restricted_points(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  const auto cells = carried_cells(grid, n_zeta);
  auto kept = torch::arange(grid.channels, torch::kLong);
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const int64_t n = grid.shape[axis], sigma = n / n_zeta[axis];
    auto along = torch::arange(first_coarse_point(grid.boundary[axis], sigma), n, sigma, torch::kLong);
    kept = (kept.unsqueeze(-1) * n + along).reshape({-1});
  }
  return kept.view({grid.channels, -1}).index_select(1, cells).flatten();
}

}  // namespace msde
