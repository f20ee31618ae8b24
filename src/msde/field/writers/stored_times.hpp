// In which type times and coordinates are written.
#pragma once

#include <cmath>

#include "msde/field/time_axis.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// As float32 where that has all of the values, else as they are, float64.
inline torch::Tensor exactly_stored(const torch::Tensor& values) {
  const auto rounded = values.to(torch::kFloat);
  return rounded.to(values.scalar_type()).equal(values) ? rounded : values;
}

// Points [n] of a grid, float64: as float32 where its rounding is below a thousandth of their spacing.
inline torch::Tensor points_as_stored(const torch::Tensor& points) {
  const double spacing = points.size(0) > 1 ? std::abs((points[1] - points[0]).item<double>()) : 0;
  const double largest = points.abs().max().item<double>();
  return rounding(largest, Stored::float32) <= 1e-3 * spacing ? points.to(torch::kFloat) : points;
}

}  // namespace msde
