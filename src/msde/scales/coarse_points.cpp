#include "msde/scales/coarse_points.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "msde/core/error.hpp"
#include "msde/grid/coarse_sizes.hpp"
#include "msde/grid/symmetry.hpp"
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

namespace {

// All but those of which less than a tenth is fluid.
torch::Tensor cells_of_fluid(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  constexpr double kLeastFluid = .1;
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

}  // namespace

torch::Tensor alike_cells(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  check_coarse_grid(grid, n_zeta);
  if (grid.symmetry.empty()) {
    int64_t all = 1;
    for (const int64_t n : n_zeta) all *= n;
    return torch::arange(all, torch::kLong);
  }
  const auto smallest = orbits(coarse_symmetry_group(grid, n_zeta), n_zeta);
  // The first of those of fluid, where there are any: cells about the points of a periodic axis are only nearly images.
  auto first = smallest;
  const auto of_fluid = cells_of_fluid(grid, n_zeta);
  const auto* cells = of_fluid.data_ptr<int64_t>();
  for (int64_t i = of_fluid.numel() - 1; i >= 0; --i) {  // the first is written last
    const int64_t cell = cells[i];
    first[static_cast<size_t>(smallest[static_cast<size_t>(cell)])] = cell;
  }
  auto alike = smallest;
  for (auto& cell : alike) cell = first[static_cast<size_t>(cell)];
  return torch::tensor(alike, torch::kLong);
}

torch::Tensor carried_cells(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  check_coarse_grid(grid, n_zeta);
  const auto cells = cells_of_fluid(grid, n_zeta);
  if (grid.symmetry.empty()) return cells;
  return cells.masked_select(alike_cells(grid, n_zeta).index_select(0, cells) == cells);
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
