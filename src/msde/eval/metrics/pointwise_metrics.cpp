#include "msde/eval/metrics/pointwise_metrics.hpp"

#include <cmath>

#include "msde/eval/metrics/metrics.hpp"
#include "msde/eval/metrics/per_field.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {
namespace {

using torch::Tensor;

Tensor error(const Tensor& prediction, const Tensor& truth) {
  check_fields(prediction, truth);
  return points(prediction.to(torch::kDouble) - truth.to(torch::kDouble));
}

struct Moments {
  Tensor variance, square, centred;
};
Moments moments(const Tensor& fields) {
  const auto y = points(fields.to(torch::kDouble));
  return {y.var(-1, /*unbiased=*/true), mean_square(y), y - y.mean(-1, true)};
}

// w = (y - mean)/sigma, infinite or NaN where sigma = 0.
Tensor standardised(const Tensor& mean, const Tensor& sigma, const Tensor& truth) {
  check_shape("standard deviation", sigma, truth.sizes());
  return -error(mean, truth) / points(sigma.to(torch::kDouble));
}

}  // namespace

Tensor mse_per_field(const Tensor& prediction, const Tensor& truth) {
  check_fields(prediction, truth);
  return mean_square(points(prediction - truth));
}

Tensor mae_per_field(const Tensor& prediction, const Tensor& truth) {
  return error(prediction, truth).abs().mean(-1);
}

Tensor linf_per_field(const Tensor& prediction, const Tensor& truth) {
  return error(prediction, truth).abs().amax(-1);
}

Tensor vrmse_per_field(const Tensor& prediction, const Tensor& truth, const Divisor& by) {
  const auto y = moments(truth);
  return undefined_unless(can_divide_by(y.variance, y.square, by),
                          (mse_per_field(prediction, truth) / (y.variance + by.eps)).sqrt());
}

Tensor nrmse_per_field(const Tensor& prediction, const Tensor& truth, const Divisor& by) {
  const auto square = mean_square(points(truth));
  return undefined_unless(can_divide_by(square, square, by),
                          (mse_per_field(prediction, truth) / (square + by.eps)).sqrt());
}

Tensor pearson_r_per_field(const Tensor& prediction, const Tensor& truth, const Divisor& with) {
  const Divisor by = {.eps = 0, .rounding = with.rounding},
                of_prediction = {.eps = 0, .rounding = with.rounding_of_prediction};
  check_fields(prediction, truth);
  const auto p = moments(prediction), y = moments(truth);
  const auto covariance = (p.centred * y.centred).sum(-1);
  const auto product = (p.centred.pow(2).sum(-1) * y.centred.pow(2).sum(-1)).sqrt();
  const auto r = torch::where(can_divide_by(p.variance, p.square, of_prediction), covariance / product,
                              torch::zeros_like(covariance));
  return undefined_unless(can_divide_by(y.variance, y.square, by), r);
}

Tensor valid_per_field(const Tensor& prediction, const Tensor& truth, const Divisor& by) {
  const auto r = pearson_r_per_field(prediction, truth, by), v = vrmse_per_field(prediction, truth, by);
  const auto failed = (r < .8).logical_or(v > 1);  // comparisons with NaN are false
  return undefined_unless(r.isnan().logical_and(v.isnan()).logical_not(), 1 - failed.to(torch::kDouble));
}

Tensor drift_per_field(const Tensor& fields, const Tensor& first) {
  return (points(fields).mean(-1, false, torch::kDouble) - points(first).mean(-1, false, torch::kDouble))
      .abs();
}

Tensor rel_l2_where_defined(const Tensor& prediction, const Tensor& truth) {
  const auto norm = truth.flatten(2).pow(2).sum(-1, false, torch::kDouble);
  return undefined_unless(norm > 0, rel_l2_per_frame(prediction, truth));
}

Tensor gaussian_crps_per_field(const Tensor& mean, const Tensor& sigma, const Tensor& truth) {
  const auto w = standardised(mean, sigma, truth), s = points(sigma.to(torch::kDouble));
  const auto density = (-w.pow(2) / 2).exp() / std::sqrt(2 * M_PI);
  const auto score = s * (w * torch::erf(w / std::sqrt(2)) + 2 * density - 1 / std::sqrt(M_PI));
  return torch::where(s > 0, score, error(mean, truth).abs()).mean(-1);
}

Tensor gaussian_nll_per_field(const Tensor& mean, const Tensor& sigma, const Tensor& truth) {
  const auto w = standardised(mean, sigma, truth), s = points(sigma.to(torch::kDouble));
  const auto nll = undefined_unless(s > 0, (2 * M_PI * s.pow(2)).log() / 2 + w.pow(2) / 2);
  return nll.nanmean(-1);
}

}  // namespace msde
