// Patterns wider and narrower than those that were seen.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

bool can_stretch(const Grid& grid);  // whether an axis is periodic and nothing is solid

// Columns [n_y, m] float64, along all periodic axes together stretched by .85, .93, 1.07 and 1.15 about the middle of what
// they show, the circular mean of the sum of their squares; values between points by lines: [n_y, 4 m].
torch::Tensor stretched_patterns(const torch::Tensor& columns, const Grid& grid);

}  // namespace msde
