// Sorting many small ensembles at once.
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

// x [M, n], each column ascending, as a new tensor in the type of x (float32 or float64, on the processor).
// A sorting network compares whole rows, so the processor's vector minimum and maximum do the work: several
// times faster than sorting column by column, with O(M log^2 M) comparisons per column.
torch::Tensor sorted_members(const torch::Tensor& x);

}  // namespace msde
