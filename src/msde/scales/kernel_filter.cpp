#include "msde/scales/kernel_filter.hpp"

#include <algorithm>

#include "msde/ops/circulant.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/ops/grid_filter.hpp"
#include "msde/scales/coarse_points.hpp"
#include "msde/tensor/in_blocks.hpp"

namespace msde {
namespace {

constexpr int64_t kMostMatrixPoints = 4096;  // 64 MiB of matrix in float32

bool all_periodic(const Grid& grid) {
  return std::all_of(grid.boundary.begin(), grid.boundary.end(),
                     [](const AxisEnds& ends) { return ends.periodic(); });
}

constexpr double kLeastShare = 1e-4;  // of fluid under a kernel: below, rounding of the FFT

// x / y, and 0 where the kernel reaches next to no fluid.
torch::Tensor over_share(const torch::Tensor& x, const torch::Tensor& y) {
  const auto reached = y > kLeastShare;
  return torch::where(reached, x / torch::where(reached, y, torch::ones_like(y)), torch::zeros_like(x));
}

// How fields [B, C, *grid] are filtered, read at the coarse points of cells that carry unknowns, and spread from them.
struct FieldMaps {
  GridFilter filter;
  torch::Tensor fluid;   // [*grid] 1, or 0 where there is none; undefined: 1
  torch::Tensor cells;   // [K] the cells that carry unknowns; undefined: all
  torch::Tensor gain;    // [1, C, *grid] weight that is left of the kernel; undefined: 1
  torch::Tensor weight;  // [1, C, *grid] factor on (R S)^T; undefined: `scale` everywhere
  double scale;          // sigma^d
  std::vector<int64_t> field, coarse, cell, first;  // [-1, C, *..] shapes; per axis

  torch::Tensor smooth(const torch::Tensor& y) const {
    auto s = filter.filtered(fluid.defined() ? y * fluid : y);
    if (fluid.defined()) return over_share(s, gain);
    return gain.defined() ? s / gain : s;
  }
  torch::Tensor at_coarse_points(torch::Tensor y) const {
    for (size_t axis = 0; axis < cell.size(); ++axis)
      y = y.slice(static_cast<int64_t>(axis) + 2, first[axis], c10::nullopt, cell[axis]);
    return cells.defined() ? y.flatten(2).index_select(2, cells) : y;
  }
  // The adjoint of at_coarse_points: each coarse value in its place in a cell of zeros.
  torch::Tensor spread(const torch::Tensor& carried) const {
    auto zeta = carried;
    if (cells.defined()) {
      auto shape = coarse;
      shape[0] = zeta.size(0);
      zeta = torch::zeros(shape, zeta.options()).flatten(2).index_copy(2, cells, zeta.flatten(2)).view(shape);
    }
    std::vector<int64_t> cells = {zeta.size(0), coarse[1]}, padding;
    for (size_t axis = 0; axis < cell.size(); ++axis) cells.insert(cells.end(), {coarse[axis + 2], 1});
    for (size_t axis = cell.size(); axis-- > 0;)
      padding.insert(padding.end(), {first[axis], cell[axis] - 1 - first[axis], 0, 0});
    return torch::constant_pad_nd(zeta.reshape(cells), padding).reshape(field);
  }
  torch::Tensor transposed(const torch::Tensor& zeta) const {  // (R S)^T
    auto points = spread(zeta);
    if (fluid.defined()) return fluid * filter.transposed(over_share(points, gain));
    return filter.transposed(gain.defined() ? points / gain : points);
  }
};

// Fields [B, C, *grid] as rows [.., n] whose leading axes are those of `like`.
torch::Tensor as_rows(const torch::Tensor& fields, const torch::Tensor& like) {
  auto shape = like.sizes().vec();
  shape.back() = fields.flatten(1).size(1);
  return fields.reshape(shape);
}

}  // namespace

KernelFilter::KernelFilter(const Grid& grid, const std::vector<int64_t>& n_zeta, int64_t n_sigma)
    : grid_(grid), n_zeta_(n_zeta) {
  check_coarse_grid(grid, n_zeta);
  torch::Tensor gaussian;
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const int64_t sigma = grid.shape[axis] / n_zeta[axis];
    sigma_.push_back(sigma);
    first_.push_back(first_coarse_point(grid.boundary[axis], sigma));
    auto lag = torch::arange(-n_sigma * sigma, n_sigma * sigma + 1, torch::kFloat);
    auto along = torch::exp(-0.5 * (lag / static_cast<double>(sigma)).square());
    gaussian = axis == 0 ? along : gaussian.unsqueeze(-1) * along;
  }
  auto shape = gaussian.sizes().vec();
  shape.insert(shape.begin(), grid.channels);
  const auto scaled = is_periodic_line() ? gaussian / gaussian.sum() : gaussian;
  kernel_ = register_parameter("kernel", scaled.expand(shape).clone(torch::MemoryFormat::Contiguous));
}

torch::Tensor KernelFilter::unit_gain() const {
  std::vector<int64_t> per_channel(kernel_.dim(), 1);
  per_channel[0] = kernel_.size(0);
  return kernel_ / kernel_.flatten(1).sum(1).view(per_channel);
}

bool KernelFilter::is_periodic_line() const {
  return grid_.dimensions() == 1 && all_periodic(grid_);
}

Scales KernelFilter::scales() const {
  return is_periodic_line() && grid_.points() <= kMostMatrixPoints && !grid_.mask
             ? as_matrices(unit_gain())
             : as_operations(unit_gain());
}

Scales KernelFilter::as_matrices(const torch::Tensor& kernel) const {
  auto by_channel = circulant_rows(kernel, grid_.points(), 1);  // [C, n, n]
  auto S = by_channel.size(0) == 1 ? by_channel[0] : torch::block_diag(by_channel.unbind());
  auto RS = S.slice(0, 0, c10::nullopt, sigma_[0]);  // every sigma-th row of every channel, for free
  return scales_of({S.t(), RS.t(), RS * static_cast<double>(sigma_[0])}, /*micro_is_orthogonal=*/false);
}

Scales KernelFilter::as_operations(const torch::Tensor& kernel) const {
  FieldMaps maps{.filter = GridFilter(kernel, grid_.shape, grid_.boundary),
                 .fluid = {},
                 .cells = {},
                 .gain = {},
                 .weight = {},
                 .scale = 1,
                 .field = {-1, grid_.channels},
                 .coarse = {-1, grid_.channels},
                 .cell = sigma_,
                 .first = first_};
  maps.field.insert(maps.field.end(), grid_.shape.begin(), grid_.shape.end());
  maps.coarse.insert(maps.coarse.end(), n_zeta_.begin(), n_zeta_.end());
  for (int64_t sigma : sigma_) maps.scale *= static_cast<double>(sigma);
  auto ones = [&](std::vector<int64_t> shape) {
    shape[0] = 1;
    return torch::ones(shape, kernel.options().requires_grad(false));
  };
  if (grid_.mask) {
    maps.fluid = fluid_weight(grid_).to(kernel.options());
    maps.cells = carried_cells(grid_, n_zeta_).to(kernel.device());
    maps.gain = maps.filter.filtered(maps.fluid * ones(maps.field));
    const auto spread = maps.transposed(ones({1, grid_.channels, maps.cells.numel()}));
    maps.weight = over_share(torch::ones_like(spread), spread);
  } else if (!all_periodic(grid_)) {
    maps.gain = maps.filter.filtered(ones(maps.field));
    maps.weight = maps.transposed(ones(maps.coarse)).reciprocal();
  }
  auto zeta_shape = maps.coarse;
  if (maps.cells.defined()) zeta_shape = {-1, grid_.channels, maps.cells.numel()};

  // A field of the fine grid as a row.
  const auto fluid = maps.fluid.defined() ? maps.fluid.flatten().repeat({grid_.channels}) : torch::Tensor();
  const auto smooth = [maps](const torch::Tensor& y) {
    return in_blocks(y.reshape(maps.field), 4 * y.size(-1),
                     [&](const torch::Tensor& fields) { return maps.smooth(fields); });
  };
  Scales s;
  s.restrict_to_macro = [=](const torch::Tensor& y) { return as_rows(maps.at_coarse_points(smooth(y)), y); };
  s.prolong = [maps, zeta_shape, n = grid_.size()](const torch::Tensor& zeta) {
    const auto fields = in_blocks(zeta.reshape(zeta_shape), 4 * n,
                                  [&](const torch::Tensor& z) { return maps.transposed(z); });
    return as_rows(maps.weight.defined() ? fields * maps.weight : fields * maps.scale, zeta);
  };
  s.separate = [=](const torch::Tensor& y) {
    const auto smoothed = smooth(y);
    const auto residual = y - as_rows(smoothed, y);
    return Scales::Separated{as_rows(maps.at_coarse_points(smoothed), y),
                             fluid.defined() ? residual * fluid : residual};
  };
  s.micro_is_orthogonal = false;
  s.fluid = fluid;
  return s;
}

}  // namespace msde
