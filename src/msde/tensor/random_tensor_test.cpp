#include "msde/tensor/random_tensor.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/tensor/threads.hpp"

namespace msde {
namespace {

const RandomKey key{7, Stream::test, 3};

TEST(random_tensor, equals_the_keyed_numbers_in_c_order) {
  std::vector<double> expected(24);
  fill_normal(key, 0, 24, expected.data());
  const auto values = normal(key, {2, 3, 4}, torch::kDouble);
  EXPECT_TRUE(torch::equal(values.flatten(), torch::tensor(expected, torch::kDouble)));
}

TEST(random_tensor, float32_is_float64_rounded) {
  EXPECT_TRUE(torch::equal(normal(key, {50}), normal(key, {50}, torch::kDouble).to(torch::kFloat)));
}

TEST(random_tensor, does_not_depend_on_threads_or_on_earlier_calls) {
  set_threads(1);
  const auto one = normal(key, {1000});
  set_threads(3);
  normal({8, Stream::test, 0}, {10});
  EXPECT_TRUE(torch::equal(one, normal(key, {1000})));
}

TEST(random_tensor, every_part_of_the_key_matters) {
  const auto values = normal(key, {100});
  EXPECT_FALSE(torch::equal(values, normal({8, Stream::test, 3}, {100})));
  EXPECT_FALSE(torch::equal(values, normal({7, Stream::sketch, 3}, {100})));
  EXPECT_FALSE(torch::equal(values, normal({7, Stream::test, 4}, {100})));
}

// Bounds of five standard errors: the fixed key makes the outcome a constant.
TEST(random_tensor, moments_are_those_of_the_distribution) {
  const int64_t n = 100000;
  const auto z = normal(key, {n}, torch::kDouble);
  EXPECT_NEAR(z.mean().item<double>(), 0, 5 / std::sqrt(n));
  EXPECT_NEAR(z.pow(2).mean().item<double>(), 1, 5 * std::sqrt(2. / n));
  EXPECT_NEAR(z.pow(4).mean().item<double>(), 3, 5 * std::sqrt(96. / n));
  const auto u = uniform(key, {n}, torch::kDouble);
  EXPECT_NEAR(u.mean().item<double>(), .5, 5 * std::sqrt(1. / 12 / n));
  EXPECT_GT(u.min().item<double>(), 0);
  EXPECT_LT(u.max().item<double>(), 1);
}

TEST(random_tensor, integers_cover_both_ends_evenly) {
  const int64_t n = 70000;
  const auto counts = torch::bincount(integers(key, n, -3, 3) + 3).to(torch::kDouble);
  ASSERT_EQ(counts.size(0), 7);
  EXPECT_LT((counts - n / 7.).abs().max().item<double>(), 5 * std::sqrt(n / 7.));
}

}  // namespace
}  // namespace msde
