#include "msde/ops/fluid.hpp"

#include <limits>

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

}  // namespace msde
