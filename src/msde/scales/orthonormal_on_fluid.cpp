#include "msde/scales/orthonormal_on_fluid.hpp"

#include <vector>

#include "msde/ops/fluid.hpp"
#include "msde/ops/orbits.hpp"

namespace msde {
namespace {

torch::Tensor q_of(const torch::Tensor& columns) {
  return std::get<0>(torch::linalg_qr(columns));
}

}  // namespace

torch::Tensor orthonormal_on_fluid(const torch::Tensor& columns, const Grid& grid) {
  if (columns.size(1) == 0) return columns;
  if (!grid.symmetry.empty()) {
    const PointOrbits orbits(grid);
    return orbits.expanded(q_of(orbits.reduced(columns)));
  }
  if (!grid.mask) return q_of(columns);
  const auto points = fluid_points(grid);
  std::vector<torch::Tensor> of_channels;
  for (int64_t c = 0; c < grid.channels; ++c) of_channels.push_back(points + c * grid.points());
  const auto fluid = torch::cat(of_channels);
  const auto Q = q_of(columns.index_select(0, fluid));
  return torch::zeros({columns.size(0), Q.size(1)}, columns.options()).index_copy(0, fluid, Q);
}

}  // namespace msde
