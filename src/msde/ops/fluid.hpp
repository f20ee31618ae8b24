// The mask of a grid as tensors.
#pragma once

#include <string>

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Numbers of the points that are fluid, or of those that are not, int64 [K]; of a grid without a mask all and none.
torch::Tensor fluid_points(const Grid& grid);
torch::Tensor solid_points(const Grid& grid);
// 1 where there is fluid, else 0, float64 [*grid].
torch::Tensor fluid_weight(const Grid& grid);

// Fields [.., *grid] with `value` where there is no fluid; the fields themselves, not copied, without a mask.
torch::Tensor with_solid(const torch::Tensor& fields, const Grid& grid, double value);
// The same with NaN there: fields as they leave the program.
torch::Tensor without_solid(const torch::Tensor& fields, const Grid& grid);

// DataError, which begins with `where`, if a value of snapshots [N, C, *grid] is infinite, or if a snapshot has no value
// that is there (not NaN) and of fluid. Others may be missing.
void check_snapshots(const std::string& where, const torch::Tensor& snapshots, const Grid& grid);

}  // namespace msde
