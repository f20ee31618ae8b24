#include "msde/scales/coarse_points.hpp"

#include "msde/core/error.hpp"

namespace msde {

void check_coarse_grid(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  if (static_cast<int64_t>(n_zeta.size()) != grid.dimensions())
    throw ConfigError("model.n_zeta: got " + std::to_string(n_zeta.size()) + " numbers for a grid of " +
                      std::to_string(grid.dimensions()) + " axes");
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const int64_t n = grid.shape[axis], coarse = n_zeta[axis];
    if (n % coarse != 0 || coarse >= n)
      throw ConfigError("model.n_zeta=" + std::to_string(coarse) + " does not divide the " +
                        std::to_string(n) + " points of axis " + std::to_string(axis) +
                        " into cells of two or more");
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
