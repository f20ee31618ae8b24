// Stored arrays as tensors.
#pragma once

#include <string>

#include "msde/field/formats/stored_arrays.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// A box of an array, or all of it, float64. DataError as StoredArrays::read.
torch::Tensor read_tensor(const StoredArrays& file, const std::string& array, const ArrayBox& box);
torch::Tensor read_tensor(const StoredArrays& file, const std::string& array);

}  // namespace msde
