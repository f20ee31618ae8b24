#include "msde/ops/fluid.hpp"

#include <fmt/format.h>

#include <limits>
#include <string>

#include "msde/core/error.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {

torch::Tensor fluid_points(const Grid& grid) {
  return grid.mask ? torch::tensor(grid.mask->fluid(), torch::kLong)
                   : torch::arange(grid.points(), torch::kLong);
}

torch::Tensor solid_points(const Grid& grid) {
  return grid.mask ? torch::tensor(grid.mask->solid(), torch::kLong) : torch::empty({0}, torch::kLong);
}

torch::Tensor fluid_weight(const Grid& grid) {
  auto weight = torch::zeros({grid.points()}, torch::kDouble);
  return weight.index_fill_(0, fluid_points(grid), 1).view(grid.shape);
}

torch::Tensor with_solid(const torch::Tensor& fields, const Grid& grid, double value) {
  if (!grid.mask) return fields;
  const int64_t leading = fields.dim() - grid.dimensions();
  return fields.flatten(leading)
      .index_fill(leading, solid_points(grid).to(fields.device()), value)
      .view(fields.sizes());
}

torch::Tensor without_solid(const torch::Tensor& fields, const Grid& grid) {
  return with_solid(fields, grid, std::numeric_limits<double>::quiet_NaN());
}

void check_snapshots(const std::string& where, const torch::Tensor& snapshots, const Grid& grid) {
  check_finite<DataError>(where, torch::where(snapshots.isnan(), torch::zeros_like(snapshots), snapshots));
  const auto none = without_solid(snapshots, grid).isnan().flatten(1).all(1).nonzero();
  if (none.numel() > 0)
    throw DataError(fmt::format("{}: snapshot {}: no value is there, expected some to begin with", where,
                                none[0].item<int64_t>()));
}

}  // namespace msde
