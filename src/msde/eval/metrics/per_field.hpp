// What the metrics of single fields share: shapes [B, T, C, *grid] reduced over the grid to [B, T, C], in
// float64.
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

// DataError unless truth is [B, T, C, *grid] and prediction has its shape.
void check_fields(const torch::Tensor& prediction, const torch::Tensor& truth);

// [B, T, C, *grid] -> [B, T, C, S]; a field without axes has one point.
torch::Tensor points(const torch::Tensor& fields);
torch::Tensor mean_square(const torch::Tensor& values);  // over the last axis, in float64

// NaN, read as "undefined", where `defined` is false.
torch::Tensor undefined_unless(const torch::Tensor& defined, const torch::Tensor& values);

// What stands beside the scale that a score is divided by.
struct Divisor {
  double eps = 1e-7;       // Ohana et al., The Well, NeurIPS 2024
  double rounding = 1e-6;  // of the truth as it is stored, relative: eight units of float32's last place
  double rounding_of_prediction = 1e-6;  // .. and of the prediction
};
constexpr double kFineRounding = 1e-15;  // .. of float64's

// Whether a score may be divided by sqrt(scale + eps), scale = var_s y or mean_s y^2: not where the
// fluctuation is lost in the rounding of the data (scale <= rounding^2 mean_s y^2), nor where eps itself would
// move the score by 1 % or more (scale < 50 eps).
torch::Tensor can_divide_by(const torch::Tensor& scale, const torch::Tensor& square, const Divisor& by);

}  // namespace msde
