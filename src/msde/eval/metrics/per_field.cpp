#include "msde/eval/metrics/per_field.hpp"

#include <limits>

#include "msde/tensor/checks.hpp"

namespace msde {

using torch::Tensor;

void check_fields(const Tensor& prediction, const Tensor& truth) {
  if (truth.dim() < 3)
    throw DataError("truth: got shape " + shape_text(truth.sizes()) + ", expected [B, T, C, *grid]");
  check_shape("prediction", prediction, truth.sizes());
}

Tensor points(const Tensor& fields) {
  return fields.dim() == 3 ? fields.unsqueeze(3) : fields.flatten(3);
}

Tensor mean_square(const Tensor& values) {
  return values.pow(2).mean(-1, false, torch::kDouble);
}

Tensor undefined_unless(const Tensor& defined, const Tensor& values) {
  return values.masked_fill(defined.logical_not(), std::numeric_limits<double>::quiet_NaN());
}

Tensor can_divide_by(const Tensor& scale, const Tensor& square, const Divisor& by) {
  return (scale > by.rounding * by.rounding * square)
      .logical_and(scale > 0)
      .logical_and(scale >= 50 * by.eps);
}

}  // namespace msde
