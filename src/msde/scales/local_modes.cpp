#include "msde/scales/local_modes.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "msde/core/process/signals.hpp"
#include "msde/ops/orbits.hpp"
#include "msde/scales/coarse_points.hpp"
#include "msde/scales/principal_modes.hpp"

namespace msde {
namespace {

constexpr int64_t kEvery = 10;  // snapshots skipped between those that train the modes: neighbours look alike
constexpr int64_t kMostAtOnce = 16;  // snapshots whose patches are held together

// For every coarse cell the flat fine-grid index of its patch and the window's weight there (0 outside open
// boundaries).
struct Patches {
  torch::Tensor index;   // [cells, taps] int64
  torch::Tensor weight;  // [cells, taps] float32
  int64_t cells() const { return index.size(0); }
  int64_t taps() const { return index.size(1); }
};

Patches patches(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  Patches p = {torch::zeros({1, 1}, torch::kLong), torch::ones({1, 1}, torch::kDouble)};
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const int64_t n = grid.shape[axis], sigma = n / n_zeta[axis];
    const bool periodic = grid.boundary[axis].periodic();
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
  const auto carried = carried_cells(grid, n_zeta);
  return {p.index.index_select(0, carried), p.weight.index_select(0, carried).to(torch::kFloat)};
}

// The weighted patches of a snapshot [C, points], a row per cell: rows [cells, C * taps].
void gather(const Patches& patches, const torch::Tensor& snapshot, torch::Tensor rows) {
  const int64_t taps = patches.taps(), C = snapshot.size(0), points = snapshot.size(1);
  const auto* index = patches.index.data_ptr<int64_t>();
  const auto *weight = patches.weight.data_ptr<float>(), *field = snapshot.data_ptr<float>();
  auto* out = rows.data_ptr<float>();
  at::parallel_for(0, patches.cells(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; ++j)
      for (int64_t c = 0; c < C; ++c)
        for (int64_t k = 0; k < taps; ++k)
          out[(j * C + c) * taps + k] = weight[j * taps + k] * field[c * points + index[j * taps + k]];
  });
}

}  // namespace

int64_t patch_size(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  check_coarse_grid(grid, n_zeta);
  int64_t values = grid.channels;
  for (size_t axis = 0; axis < n_zeta.size(); ++axis) values *= 2 * (grid.shape[axis] / n_zeta[axis]) + 1;
  return values;
}

LocalModes local_modes(const Dataset& data, const torch::Tensor& V, const LocalModesOptions& o,
                       uint64_t seed) {
  const Grid& grid = data.grid();
  const auto patch = patches(grid, o.n_zeta);
  const int64_t cells = patch.cells(), taps = patch.taps(), C = grid.channels;

  const auto shape = data.split("train");
  const int64_t at_once = std::clamp<int64_t>(data.block_rows() / 8, 1, kMostAtOnce);
  auto block = torch::empty({at_once, cells, C * taps});
  // A patch stands for those at all images of its cell, of which V shows the mean.
  const auto alike = alike_cells(grid, o.n_zeta);
  const auto images =
      torch::bincount(alike).index_select(0, carried_cells(grid, o.n_zeta)).to(torch::kDouble);
  const RowBlocks rows = [&](const std::function<void(const torch::Tensor&)>& visit) {
    int64_t held = 0;
    const auto flush = [&] {
      if (held > 0) visit(block.narrow(0, 0, held).flatten(0, 1));
      held = 0;
    };
    for (int64_t i = 0; i < shape.n_trajectories; ++i) {
      throw_if_interrupted();
      for (int64_t k = 0; k < shape.n_snapshots; k += kEvery) {
        gather(patch, invariant_part(data.fields("train", i, k, 1).flatten(1), grid).view({C, -1}),
               block[held]);
        if (++held == at_once) flush();
      }
    }
    flush();
  };
  const auto pod = principal_modes(rows, C * taps, o.per_cell, seed);
  const int64_t q = pod.modes.size(1);

  // b_jq in coordinates: the rows of V at the patch of cell j, weighted by the mode. A patch that wraps onto
  // itself adds.
  LocalModes local;
  local.modes = torch::empty({cells * q, V.size(1)});
  const auto by_channel = V.view({C, grid.points(), -1});
  for (int64_t j = 0; j < cells; ++j) {
    const auto inside = (patch.weight[j] != 0).to(torch::kDouble).unsqueeze(1);  // not beyond open ends
    const auto seen = (by_channel.index_select(1, patch.index[j]) * inside).flatten(0, 1);
    local.modes.narrow(0, j * q, q).copy_(pod.modes.t().mm(seen) * images[j]);
  }
  local.scale = pod.singular_values[0].item<double>() / std::sqrt(static_cast<double>(pod.n_rows));
  return local;
}

}  // namespace msde
