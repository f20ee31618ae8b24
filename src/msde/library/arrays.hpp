// The public numbers as tensors, and back.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/library/msde.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// float32; DataError naming `what` where values and shape do not agree.
torch::Tensor to_tensor(const Array& array, const std::string& what);
Array to_public(const torch::Tensor& tensor);  // empty for an undefined one

std::vector<Axis> axes_of(const Grid& grid);

}  // namespace msde
