#include "msde/model/local_modes.hpp"

#include <cmath>

#include "msde/field/principal_modes.hpp"
#include "msde/model/coarse_grid.hpp"

namespace msde {
namespace {

constexpr int64_t kEvery = 10;  // snapshots skipped between those that train the modes: neighbours look alike

// For every coarse cell the flat fine-grid index of its patch and the window's weight there (0 outside open
// boundaries).
struct Patches {
  torch::Tensor index;   // [cells, taps] int64
  torch::Tensor weight;  // [cells, taps] float64
};

Patches patches(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  Patches p = {torch::zeros({1, 1}, torch::kLong), torch::ones({1, 1}, torch::kDouble)};
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const int64_t n = grid.shape[axis], sigma = n / n_zeta[axis];
    const bool periodic = grid.boundary[axis] == Boundary::periodic;
    auto centre = torch::arange(periodic ? 0 : sigma / 2, n, sigma, torch::kLong);
    auto offset = torch::arange(-sigma, sigma + 1, torch::kLong);
    auto along = centre.unsqueeze(1) + offset;
    auto window = torch::cos(M_PI / 2 * offset.to(torch::kDouble) / static_cast<double>(sigma))
                      .square()
                      .expand(along.sizes());
    if (periodic) {
      along = torch::remainder(along, n);
    } else {
      window = window * ((along >= 0) & (along < n)).to(torch::kDouble);
      along = along.clamp(0, n - 1);
    }
    const int64_t cells = p.index.size(0) * along.size(0), taps = p.index.size(1) * offset.size(0);
    auto join = [&](const torch::Tensor& x) { return x.view({-1, 1, p.index.size(1), 1}); };
    auto next = [&](const torch::Tensor& x) { return x.reshape({1, along.size(0), 1, offset.size(0)}); };
    auto index = (join(p.index) * n + next(along)).reshape({cells, taps});
    p.weight = (join(p.weight) * next(window)).reshape({cells, taps});
    p.index = index;
  }
  return p;
}

}  // namespace

int64_t patch_size(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  check_coarse_grid(grid, n_zeta);
  int64_t values = grid.channels;
  for (size_t axis = 0; axis < n_zeta.size(); ++axis) values *= 2 * (grid.shape[axis] / n_zeta[axis]) + 1;
  return values;
}

LocalModes local_modes(const Dataset& data, const torch::Tensor& V, const ModelOptions& o, uint64_t seed) {
  const Grid& grid = data.grid();
  const auto patch = patches(grid, o.n_zeta);
  const int64_t cells = patch.index.size(0), taps = patch.index.size(1), C = grid.channels;

  const RowBlocks rows = [&](const std::function<void(const torch::Tensor&)>& visit) {
    const auto shape = data.split("train");
    for (int64_t i = 0; i < shape.n_trajectories; ++i)
      for (int64_t k = 0; k < shape.n_snapshots; k += kEvery) {
        auto field = data.fields("train", i, k, 1).reshape({C, -1}).to(torch::kDouble);
        auto seen = field.index_select(1, patch.index.view(-1)).view({C, cells, taps}) * patch.weight;
        visit(seen.transpose(0, 1).reshape({cells, C * taps}));
      }
  };
  const auto pod = principal_modes(rows, C * taps, o.local_modes, seed);
  const int64_t q = pod.modes.size(1);

  // b_jq in coordinates: the rows of V at the patch of cell j, weighted by the mode. A patch that wraps onto
  // itself adds.
  auto by_channel = V.to(torch::kDouble).view({C, grid.points(), -1});
  auto seen = by_channel.index_select(1, patch.index.view(-1)).view({C, cells, taps, -1});
  auto mode = pod.modes.view({C, taps, q});
  LocalModes local;
  local.modes = torch::einsum("cjtn,ctq->jqn", {seen, mode}).reshape({cells * q, -1}).to(torch::kFloat);
  local.scale = pod.singular_values[0].item<double>() / std::sqrt(static_cast<double>(pod.n_rows));
  return local;
}

}  // namespace msde
