#include "msde/eval/metrics/pointwise_metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/error.hpp"
#include "msde/eval/metrics/pdebench_metrics.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

Tensor line(const std::vector<double>& values) {  // [1, 1, 1, n]
  return torch::tensor(values, torch::kDouble).reshape({1, 1, 1, -1});
}
Tensor draw(uint64_t i, at::IntArrayRef shape) {
  return normal({42, Stream::test, i}, shape, torch::TensorOptions(torch::kDouble));
}

TEST(pointwise, values_by_hand) {
  const auto y = line({0, 10, 2}), p = line({3, 14, 2});  // errors 3, 4, 0
  EXPECT_NEAR(mse_per_field(p, y).item<double>(), 25. / 3, 1e-14);
  EXPECT_NEAR(mae_per_field(p, y).item<double>(), 7. / 3, 1e-14);
  EXPECT_NEAR(linf_per_field(p, y).item<double>(), 4, 1e-14);
  EXPECT_NEAR(vrmse_per_field(p, y, {.eps = 0}).item<double>(), std::sqrt(25. / 3 / 28),
              1e-14);  // var: 16 + 36 + 4 over 2
  EXPECT_NEAR(nrmse_per_field(p, y, {.eps = 0}).item<double>(), std::sqrt(25. / 104), 1e-14);
  EXPECT_NEAR(drift_per_field(p, y).item<double>(), 7. / 3, 1e-14);
  EXPECT_NEAR(nrmse_pdebench_per_field(p, y).item<double>(), std::sqrt(25. / 104), 1e-14);
  EXPECT_NEAR(conserved_square_per_field(p, y).item<double>(), 49. / 9, 1e-14);
  EXPECT_NEAR(brmse_per_field(p, y).item<double>(), std::sqrt(9. / 2), 1e-14);
}

TEST(pointwise, correlation_ignores_scale_and_offset) {
  const auto y = draw(0, {2, 3, 2, 4, 5});
  EXPECT_NEAR((pearson_r_per_field(7 * y + 3, y) - 1).abs().max().item<double>(), 0, 1e-12);
  EXPECT_NEAR((pearson_r_per_field(-y, y) + 1).abs().max().item<double>(), 0, 1e-12);
  EXPECT_EQ(pearson_r_per_field(torch::full_like(y, 2), y).abs().max().item<double>(), 0);
}

TEST(pointwise, what_is_near_constant_is_undefined_and_never_eps) {
  const auto p = line({1, 2, 3});
  for (const auto& y : {line({5, 5, 5}), line({0, 0, 0}), line({300, 300.00001, 300}), line({1, 1.001, 1})})
    EXPECT_TRUE(vrmse_per_field(p, y).isnan().item<bool>()) << y;
  EXPECT_FALSE(
      vrmse_per_field(p, line({1, 1.001, 1}), {.eps = 0}).isnan().item<bool>());  // small units, eps = 0
  EXPECT_TRUE(pearson_r_per_field(p, line({5, 5, 5})).isnan().item<bool>());
  EXPECT_TRUE(nrmse_per_field(p, line({0, 0, 0})).isnan().item<bool>());
  EXPECT_TRUE(nrmse_pdebench_per_field(p, line({0, 0, 0})).isnan().item<bool>());
  EXPECT_TRUE(rel_l2_where_defined(p, line({0, 0, 0})).isnan().item<bool>());
  EXPECT_TRUE(valid_per_field(p, line({5, 5, 5})).isnan().item<bool>());
}

TEST(pointwise, what_float64_resolves_is_not_constant) {
  const auto y = line({1e5 - .01, 1e5, 1e5 + .01}), p = line({1e5 - .02, 1e5, 1e5 + .02});
  const Divisor fine = {.eps = 0, .rounding = kFineRounding, .rounding_of_prediction = kFineRounding};
  EXPECT_TRUE(vrmse_per_field(p, y, {.eps = 0}).isnan().item<bool>());  // for float32 it is
  EXPECT_NEAR(vrmse_per_field(p, y, fine).item<double>(), std::sqrt(2. / 3), 1e-6);
  EXPECT_NEAR(pearson_r_per_field(p, y, fine).item<double>(), 1, 1e-9);
  EXPECT_EQ(valid_per_field(p, y, fine).item<double>(), 1);
  const auto constant = line({1e5, 1e5 + 1e-11, 1e5});
  EXPECT_TRUE(pearson_r_per_field(p, constant, fine).isnan().item<bool>());
}

TEST(pointwise, a_forecast_is_valid_while_it_correlates_and_beats_the_mean) {
  const auto y = line({0, 1, 2, 3});
  EXPECT_EQ(valid_per_field(y + .1, y).item<double>(), 1);
  EXPECT_EQ(valid_per_field(y + 2, y).item<double>(), 0);                  // vrmse > 1
  EXPECT_EQ(valid_per_field(y.mean().expand_as(y), y).item<double>(), 0);  // no correlation
}

TEST(pointwise, boundary_of_a_plane_counts_corners_once_per_face) {
  auto p = torch::zeros({1, 1, 1, 3, 4}, torch::kDouble);
  p[0][0][0][0][0] = 2;  // corner: on two faces
  p[0][0][0][1][1] = 9;  // inside
  EXPECT_NEAR(brmse_per_field(p, torch::zeros_like(p)).item<double>(), std::sqrt(8. / 14), 1e-14);
}

// The expectation of the Gaussian CRPS over y ~ N(0, 1) with mean 0, sigma 1 is 1/sqrt(pi); at y = mean it is
// sigma (sqrt(2/pi) - 1/sqrt(pi)).
TEST(gaussian, crps_and_likelihood) {
  const auto y = draw(1, {1, 1, 1, 40000}), zero = torch::zeros_like(y), one = torch::ones_like(y);
  EXPECT_NEAR(gaussian_crps_per_field(zero, one, y).item<double>(), 1 / std::sqrt(M_PI), 5. / 200);
  EXPECT_NEAR(gaussian_nll_per_field(zero, one, y).item<double>(), .5 * std::log(2 * M_PI) + .5, 5. / 200);
  const auto at = line({1, 2, 4});
  EXPECT_NEAR(gaussian_crps_per_field(at, 3 * torch::ones_like(at), at).item<double>(),
              3 * (std::sqrt(2 / M_PI) - 1 / std::sqrt(M_PI)), 1e-14);
  // without spread: the absolute error, and no likelihood
  EXPECT_NEAR(gaussian_crps_per_field(at + 2, torch::zeros_like(at), at).item<double>(), 2, 1e-14);
  EXPECT_TRUE(gaussian_nll_per_field(at, torch::zeros_like(at), at).isnan().item<bool>());
  EXPECT_NEAR(gaussian_nll_per_field(at, line({0, 1, 1}), at).item<double>(), .5 * std::log(2 * M_PI), 1e-14);
}

TEST(pointwise, shapes_that_do_not_agree_are_refused) {
  const auto y = torch::zeros({1, 2, 1, 8});
  EXPECT_THROW(mse_per_field(torch::zeros({1, 2, 1, 7}), y), DataError);
  EXPECT_THROW(brmse_per_field(torch::zeros({1, 2, 1, 7}), y), DataError);
  EXPECT_THROW(gaussian_crps_per_field(y, torch::zeros({1, 2, 1, 7}), y), DataError);
}

}  // namespace
}  // namespace msde
