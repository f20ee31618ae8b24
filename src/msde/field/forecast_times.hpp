// When the frames of a forecast file are.
#pragma once

#include <optional>

#include "msde/field/formats/stored_arrays.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// [N, T] float64 of `time` [T] (in older files `t`) and `start` [N], or of `t` [N, T] beside it; in months where the file says that
// they are counted so. Nothing where there is neither. DataError: of other shapes, or not finite.
std::optional<torch::Tensor> forecast_times(const StoredArrays& file, int64_t N, int64_t T);

}  // namespace msde
