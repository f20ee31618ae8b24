#include "msde/scales/stencil.hpp"

namespace msde {

torch::Tensor stencil_index(const std::vector<int64_t>& coarse, const Grid& grid, int64_t radius) {
  auto index = torch::zeros({1, 1}, torch::kLong);  // [cells, taps], one axis after the other
  auto offset = torch::arange(-radius, radius + 1, torch::kLong);
  for (size_t axis = 0; axis < coarse.size(); ++axis) {
    const int64_t n = coarse[axis];
    auto neighbour = torch::arange(n, torch::kLong).unsqueeze(1) + offset;
    neighbour = grid.boundary[axis].periodic() ? torch::remainder(neighbour, n) : neighbour.clamp(0, n - 1);
    const int64_t cells = index.size(0) * n, taps = index.size(1) * offset.size(0);
    index =
        (index.view({-1, 1, index.size(1), 1}) * n + neighbour.view({1, n, 1, -1})).reshape({cells, taps});
  }
  auto channel = torch::arange(grid.channels, torch::kLong).view({1, -1, 1}) * index.size(0);
  return (index.unsqueeze(1) + channel).reshape({index.size(0), -1});
}

CellsKernel kernel_at_cells(const MlpKernel& net, const torch::Tensor& stencil, int64_t n_zeta, int64_t n_eta,
                            int64_t n_shared) {
  CellsKernel rows{.net = net,
                   .stencil = {},
                   .cells = stencil.size(0),
                   .n_zeta = n_zeta,
                   .n_eta = n_eta,
                   .n_shared = n_shared};
  const auto* places = stencil.data_ptr<int64_t>();
  rows.stencil.assign(places, places + stencil.numel());
  return rows;
}

}  // namespace msde
