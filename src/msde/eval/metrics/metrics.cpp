#include "msde/eval/metrics/metrics.hpp"

#include <cmath>

#include "msde/eval/metrics/per_field.hpp"

namespace msde {

using torch::Tensor;

MeanStd mean_std(const Tensor& values) {
  const auto v = values.to(torch::kDouble);
  return {v.mean().item<double>(), v.std(/*unbiased=*/false).item<double>()};
}

Tensor rel_l2_per_frame(const Tensor& prediction, const Tensor& truth) {
  check_fields(prediction, truth);
  const auto error = mean_square((prediction - truth).flatten(2)), norm = mean_square(truth.flatten(2));
  return (error / norm).sqrt().masked_fill_(norm == 0, std::nan(""));
}

}  // namespace msde
