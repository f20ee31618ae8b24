// In which type times and coordinates are written.
#pragma once

#include <cmath>

#include "msde/field/time_axis.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Equally spaced values [.., n], float64: as float32 where its rounding is below a thousandth of their spacing, else
// as they are.
inline torch::Tensor as_stored(const torch::Tensor& values) {
  const auto row = values.view({-1, values.size(-1)})[0];
  const double spacing = row.size(0) > 1 ? std::abs((row[1] - row[0]).item<double>()) : 0;
  const double largest = values.abs().max().item<double>();
  return rounding(largest, Stored::float32) <= 1e-3 * spacing ? values.to(torch::kFloat) : values;
}

}  // namespace msde
