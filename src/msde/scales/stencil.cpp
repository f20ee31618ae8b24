#include "msde/scales/stencil.hpp"

#include <limits>

#include "msde/scales/coarse_points.hpp"

namespace msde {
namespace {

// Offsets of the taps along every axis, [taps, axes], in the order of the stencil.
torch::Tensor tap_offsets(size_t axes, int64_t radius) {
  const auto along = torch::arange(-radius, radius + 1, torch::kLong);
  auto offsets = torch::zeros({1, 0}, torch::kLong);
  for (size_t axis = 0; axis < axes; ++axis) {
    const int64_t before = offsets.size(0), n = along.numel();
    offsets = torch::cat({offsets.repeat_interleave(n, 0), along.repeat({before}).unsqueeze(1)}, 1);
  }
  return offsets;
}

// Rows of the cells `carried` alone, in their numbers. A neighbour that is not carried is the one of the same stencil
// nearest to it, of several the nearest to the cell itself: at a straight wall what an axis does at its edge.
torch::Tensor among_carried(const torch::Tensor& index, const torch::Tensor& carried,
                            const torch::Tensor& offsets) {
  const int64_t cells = index.size(0), taps = index.size(1);
  if (carried.numel() == cells) return index;
  auto number = torch::full({cells}, -1, torch::kLong);
  number.index_put_({carried}, torch::arange(carried.numel(), torch::kLong));
  const auto neighbour =
      number.index_select(0, index.index_select(0, carried).flatten()).view({carried.numel(), taps});
  const auto squared = [](const torch::Tensor& x) { return x.square().sum(-1); };
  // [taps, taps]: how far the tap of the column is from that of the row; distances differ by 1, ties by less
  const auto apart = squared(offsets.unsqueeze(1) - offsets).to(torch::kDouble) +
                     squared(offsets).to(torch::kDouble) / (1. + static_cast<double>(taps * taps));
  const auto absent =
      (neighbour < 0).to(torch::kDouble) * std::numeric_limits<float>::max();  // [cells, taps]
  auto rows = torch::empty_like(neighbour);
  for (int64_t i = 0; i < neighbour.size(0); ++i)
    rows[i] = neighbour[i].index_select(0, (apart + absent[i]).argmin(1));
  return rows;
}

}  // namespace

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
  if (!grid.symmetry.empty())
    index = alike_cells(grid, coarse).index_select(0, index.flatten()).view_as(index);
  index = among_carried(index, carried_cells(grid, coarse), tap_offsets(coarse.size(), radius));
  const auto channel = torch::arange(grid.channels, torch::kLong).view({1, -1, 1}) * index.size(0);
  return (index.unsqueeze(1) + channel).reshape({index.size(0), -1});
}

int64_t CellInputs::width() const {
  return stencil.size(1) + (always.defined() ? always.size(1) : 0) + n_eta + n_shared;
}

torch::Tensor CellInputs::of_cells(const torch::Tensor& zeta) const {
  auto shape = zeta.sizes().vec();
  shape.back() = stencil.size(0);
  shape.push_back(stencil.size(1));
  const auto around = zeta.index_select(-1, stencil.view(-1)).view(shape);
  if (!always.defined()) return around;
  shape.back() = always.size(1);
  return torch::cat({around, always.to(around.scalar_type()).expand(shape)}, -1);
}

CellsKernel kernel_at_cells(const MlpKernel& net, const CellInputs& in) {
  CellsKernel rows{.net = net,
                   .stencil = {},
                   .always = {},
                   .cells = in.stencil.size(0),
                   .n_zeta = in.n_zeta,
                   .n_eta = in.n_eta,
                   .n_shared = in.n_shared};
  const auto* places = in.stencil.data_ptr<int64_t>();
  rows.stencil.assign(places, places + in.stencil.numel());
  if (in.always.defined()) {
    const auto* numbers = in.always.data_ptr<float>();
    rows.always.assign(numbers, numbers + in.always.numel());
  }
  return rows;
}

}  // namespace msde
