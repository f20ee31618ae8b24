#include "msde/eval/metrics/pdebench_metrics.hpp"

#include "msde/eval/metrics/per_field.hpp"

namespace msde {

using torch::Tensor;

Tensor nrmse_pdebench_per_field(const Tensor& prediction, const Tensor& truth) {
  check_fields(prediction, truth);
  const auto square = mean_square(points(truth));
  return undefined_unless(square > 0, (mean_square(points(prediction - truth)) / square).sqrt());
}

Tensor conserved_square_per_field(const Tensor& prediction, const Tensor& truth) {
  check_fields(prediction, truth);
  return points(prediction - truth).mean(-1, false, torch::kDouble).pow(2);
}

Tensor brmse_per_field(const Tensor& prediction, const Tensor& truth) {
  check_fields(prediction, truth);
  const auto square = (prediction - truth).to(torch::kDouble).pow(2);
  auto sum = torch::zeros({truth.size(0), truth.size(1), truth.size(2)}, torch::kDouble);
  int64_t count = 0;
  for (int64_t axis = 3; axis < truth.dim(); ++axis)
    for (const int64_t face : {int64_t{0}, truth.size(axis) - 1}) {
      const auto values =
          square.select(axis, face).reshape({truth.size(0), truth.size(1), truth.size(2), -1});
      sum += values.sum(-1);
      count += values.size(-1);
    }
  return (sum / static_cast<double>(count)).sqrt();
}

}  // namespace msde
