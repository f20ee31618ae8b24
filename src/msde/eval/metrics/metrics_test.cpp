#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/error.hpp"
#include "msde/eval/metrics/testing/means.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

const auto f64 = torch::TensorOptions(torch::kDouble);

Tensor draw(uint64_t i, at::IntArrayRef shape) {
  return normal({21, Stream::test, i}, shape, f64);
}

TEST(accuracy, values_by_hand) {
  // two frames of one channel on two points: errors (3, 4) against (0, 10), and (0, 0)
  const auto y = torch::tensor({0., 10., 1., 2.}, f64).reshape({1, 2, 1, 2});
  const auto p = y + torch::tensor({3., 4., 0., 0.}, f64).reshape({1, 2, 1, 2});
  EXPECT_NEAR(rel_l2_per_frame(p, y)[0][0].item<double>(), .5, 1e-14);
  EXPECT_NEAR(rel_l2(p, y).mean, .25, 1e-14);
  EXPECT_NEAR(rel_l2(p, y).std, .25, 1e-14);  // population
  EXPECT_NEAR(rmse(p, y), std::sqrt(12.5) / 2, 1e-14);
  EXPECT_NEAR(vrmse(p, y, {.eps = 0}), std::sqrt(12.5 / 50) / 2, 1e-14);
  EXPECT_NEAR(nrmse_well(p, y, {.eps = 0}), std::sqrt(12.5 / 50) / 2, 1e-14);
}

TEST(accuracy, perfect_predictions_score_zero_and_scaling_both_changes_nothing) {
  const auto y = draw(0, {2, 3, 2, 8}), p = y + .1 * draw(1, {2, 3, 2, 8});
  EXPECT_EQ(rel_l2(y, y).mean, 0);
  EXPECT_EQ(vrmse(y, y), 0);
  EXPECT_NEAR(rel_l2(7 * p, 7 * y).mean, rel_l2(p, y).mean, 1e-12);
  EXPECT_NEAR(rmse(7 * p, 7 * y), 7 * rmse(p, y), 1e-12);
  EXPECT_NEAR(rel_l2(torch::zeros_like(y), y).mean, 1, 1e-14);
}

TEST(accuracy, predicting_the_spatial_mean_has_vrmse_one_up_to_the_unbiased_divisor) {
  const auto y = draw(2, {2, 3, 1, 50});
  EXPECT_NEAR(vrmse(y.mean(-1, true).expand_as(y), y, {.eps = 0}), std::sqrt(49. / 50), 1e-12);
}

TEST(crps, equals_the_double_sum_over_members) {
  const auto x = draw(3, {7, 2, 2, 1, 5}), y = draw(4, {2, 2, 1, 5});
  const auto pairs = (x.unsqueeze(0) - x.unsqueeze(1)).abs().sum(at::IntArrayRef({0, 1})) / (2. * 7 * 6);
  EXPECT_NEAR(crps_fair(x, y), ((x - y).abs().mean(0) - pairs).mean().item<double>(), 1e-14);
}

TEST(crps, one_member_gives_the_mean_absolute_error) {
  const auto x = draw(5, {1, 2, 2, 1, 5}), y = draw(6, {2, 2, 1, 5});
  EXPECT_NEAR(crps_fair(x, y), (x[0] - y).abs().mean().item<double>(), 1e-14);
}

// E crps_fair of N(0,1) members against a N(0,1) truth is 1/sqrt(pi) for every M (five standard errors).
TEST(crps, is_fair_and_has_the_value_of_a_calibrated_gaussian) {
  for (int64_t M : {2, 5, 39}) {
    const int64_t n = 40000;
    const auto x = draw(7, {M, 1, 1, 1, n}), y = draw(8, {1, 1, 1, n});
    EXPECT_NEAR(crps_fair(x, y), 1 / std::sqrt(M_PI), 5. / std::sqrt(n)) << M;
  }
}

TEST(crps, blocks_do_not_change_the_value) {  // more values than one block
  const auto x = draw(9, {3, 1, 2, 1, 800000}), y = draw(10, {1, 2, 1, 800000});
  const double halves =
      (crps_fair(x.narrow(2, 0, 1), y.narrow(1, 0, 1)) + crps_fair(x.narrow(2, 1, 1), y.narrow(1, 1, 1))) / 2;
  EXPECT_NEAR(crps_fair(x, y), halves, 1e-12);
}

TEST(energy_score, equals_the_double_sum_over_members) {
  const auto x = draw(11, {5, 2, 3, 2, 4}), y = draw(12, {2, 3, 2, 4});
  const auto norm = [](const Tensor& v) { return v.flatten(-2).norm(2, -1); };
  const auto pairs = norm(x.unsqueeze(0) - x.unsqueeze(1)).sum(at::IntArrayRef({0, 1})) / (2. * 5 * 4);
  EXPECT_NEAR(energy_score(x, y), (norm(x - y).mean(0) - pairs).mean().item<double>(), 1e-13);
}

TEST(energy_score, of_single_values_is_the_crps) {
  const auto x = draw(13, {6, 4, 3, 1, 1}), y = draw(14, {4, 3, 1, 1});
  EXPECT_NEAR(energy_score(x, y), crps_fair(x, y), 1e-14);
}

TEST(ssr, is_one_for_a_calibrated_ensemble_and_scales_with_the_spread) {
  const int64_t n = 100000;
  const auto x = draw(15, {5, 1, 1, 1, n}), y = draw(16, {1, 1, 1, n});
  EXPECT_NEAR(ssr_adjusted(x, y), 1, .015);
  EXPECT_GT(ssr_adjusted(3 * x, y), 1.5);
  EXPECT_LT(ssr_adjusted(.2 * x, y), .5);
}

TEST(ssr, averages_of_its_parts_give_the_whole) {
  const auto x = draw(17, {5, 4, 3, 1, 6}), y = draw(18, {4, 3, 1, 6});
  SpreadSkill parts{0, 0, 5};
  for (int64_t b = 0; b < 4; ++b) {
    const auto part = spread_skill(x.narrow(1, b, 1), y.narrow(0, b, 1));
    parts.variance += part.variance / 4, parts.squared_error += part.squared_error / 4;
  }
  EXPECT_NEAR(parts.ssr_adjusted(), ssr_adjusted(x, y), 1e-13);
}

TEST(ranks, count_the_members_below) {
  const auto x = torch::tensor({1., 2., 3.}, f64).reshape({3, 1, 1, 1, 1}).expand({3, 1, 1, 1, 5});
  const auto y = torch::tensor({0., 1.5, 2.5, 2.6, 9.}, f64).reshape({1, 1, 1, 5});
  EXPECT_TRUE(torch::equal(rank_histogram(x, y), torch::tensor({1, 1, 2, 1}, torch::kLong)));
}

TEST(ranks, ties_are_spread_evenly_and_repeatably) {
  const int64_t n = 40000;
  const auto x = torch::zeros({3, 1, 1, 1, n}), y = torch::zeros({1, 1, 1, n});
  const auto counts = rank_histogram(x, y, 5);
  EXPECT_LT((counts - n / 4).abs().max().item<int64_t>(), 5 * std::sqrt(n / 4.));
  EXPECT_TRUE(torch::equal(counts, rank_histogram(x, y, 5)));
  EXPECT_FALSE(torch::equal(counts, rank_histogram(x, y, 6)));
}

TEST(coverage, with_39_members_leaves_out_10_4_2_1_order_statistics_at_each_end) {
  const auto one_rank = [](int64_t r) {
    auto histogram = torch::zeros({40}, torch::kLong);
    histogram[r] = 1;
    return histogram;
  };
  const std::pair<double, int64_t> levels[] = {{.5, 10}, {.8, 4}, {.9, 2}, {.95, 1}};
  for (const auto& [level, l] : levels) {
    EXPECT_EQ(coverage_of_ranks(one_rank(l - 1), level), 0) << level;
    EXPECT_EQ(coverage_of_ranks(one_rank(l), level), 1) << level;
    EXPECT_EQ(coverage_of_ranks(one_rank(39 - l), level), 1) << level;
    EXPECT_EQ(coverage_of_ranks(one_rank(40 - l), level), 0) << level;
    EXPECT_NEAR(coverage_of_ranks(torch::ones({40}, torch::kLong), level), level, 1e-14);
  }
}

TEST(coverage, of_a_calibrated_ensemble_is_nominal) {
  const int64_t n = 20000;
  const auto x = draw(19, {39, 1, 1, 1, n}), y = draw(20, {1, 1, 1, n});
  for (double level : {.5, .8, .9, .95}) EXPECT_NEAR(coverage(x, y, level), level, 5 * .5 / std::sqrt(n));
}

TEST(metric_errors, shapes_that_do_not_agree_are_refused) {
  const auto y = torch::zeros({2, 3, 1, 8});
  EXPECT_THROW(rel_l2(torch::zeros({2, 3, 1, 7}), y), DataError);
  EXPECT_THROW(rel_l2(torch::zeros({2, 3}), torch::zeros({2, 3})), DataError);
  EXPECT_THROW(crps_fair(torch::zeros({5, 2, 3, 1, 7}), y), DataError);
  EXPECT_THROW(crps_fair(torch::zeros({0, 2, 3, 1, 8}), y), DataError);
  EXPECT_THROW(ssr_adjusted(torch::zeros({1, 2, 3, 1, 8}), y), DataError);
  EXPECT_THROW(coverage_of_ranks(torch::ones({40}, torch::kLong), 95), ConfigError);
}

}  // namespace
}  // namespace msde
