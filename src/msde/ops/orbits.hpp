// Fields that the symmetries of their grid leave as they are.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// P u = mean over the group of grid.symmetry of the images of u, the orthogonal projection on the fields that all of them
// leave as they are: rows [m, C points of the grid] -> same. The rows themselves, not copied, without symmetries.
torch::Tensor invariant_part(const torch::Tensor& rows, const Grid& grid);
// Symmetric fields by one value for each orbit of fluid points and channel.
class PointOrbits {
 public:
  explicit PointOrbits(const Grid& grid);
  // u -> u at the first point of each orbit times the root of its size, which keeps products: [C points, m] -> [d, m].
  torch::Tensor reduced(const torch::Tensor& columns) const;
  torch::Tensor expanded(const torch::Tensor& columns) const;  // and back; 0 where there is no fluid
  int64_t dimensions() const { return first_.size(0); }        // d

 private:
  torch::Tensor first_;  // [d] rows
  torch::Tensor orbit_;  // [C points] its number, d where there is no fluid
  torch::Tensor root_;   // [d, 1] of the size
};

// Dimension of those fields: d of PointOrbits.
int64_t invariant_size(const Grid& grid);
// Whether the group maps the points that are fluid onto themselves.
bool mask_is_invariant(const Grid& grid);

}  // namespace msde
