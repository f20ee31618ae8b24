#include "msde/scales/snapshot_mixture.hpp"

#include <gtest/gtest.h>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

torch::Tensor draw(uint64_t number, at::IntArrayRef shape) {
  return normal({31, Stream::test, number}, shape, torch::kDouble);
}

// One part: the conditional mean of a Gaussian, number by number where its covariance is diagonal.
TEST(SnapshotMixture, of_one_part_shrinks_each_number_by_its_variance) {
  const auto rows = torch::tensor({{1., 5.}, {3., 5.}}, torch::kDouble);  // variances 1, 0 about 2, 5
  const auto mixture = learn_mixture({rows}, 1, .5);
  const auto y = torch::tensor({{3., 6.}}, torch::kDouble);
  const auto expected = torch::tensor({{2 + 1 / 1.25, 5.}}, torch::kDouble);
  EXPECT_TRUE(torch::allclose(mixture.expectation(y), expected, 1e-9, 1e-9));
}

TEST(SnapshotMixture, takes_the_part_that_a_snapshot_is_of) {
  const auto left = draw(1, {200, 3}), right = 20 + .1 * draw(2, {200, 3});
  const auto mixture = learn_mixture({left, right}, 1, 1.);
  const auto near_right = torch::full({1, 3}, 21., torch::kDouble);
  EXPECT_LT((mixture.expectation(near_right) - 20).abs().max().item<double>(), .1);
  const auto near_left = torch::full({1, 3}, 1., torch::kDouble);
  EXPECT_TRUE(torch::allclose(mixture.expectation(near_left),
                              learn_mixture({left}, 1, 1.).expectation(near_left), 1e-9, 1e-9));
}

// By brute force: E[a | y] as a sum over draws of a, weighted by the likelihood of y.
TEST(SnapshotMixture, has_the_mean_of_the_posterior) {
  const auto turn = draw(3, {2, 2});
  const auto one = draw(4, {500, 2}).mm(turn) + 1, two = .5 * draw(5, {500, 2}) - 1;
  const double s = .7;
  const auto mixture = learn_mixture({one, two}, 1, s);
  const int64_t draws = 400000;
  std::vector<torch::Tensor> samples;
  for (const auto& part : {one, two}) {
    const auto off = part - part.mean(0);
    const auto L = torch::linalg_cholesky(off.t().mm(off) / 500.);
    samples.push_back(part.mean(0) + draw(6 + samples.size(), {draws, 2}).mm(L.t()));
  }
  const auto a = torch::cat(samples), y = torch::tensor({{.3, -.4}}, torch::kDouble);
  const auto weight = (-(y - a).square().sum(1) / (2 * s * s)).exp();
  const auto expected = (weight.unsqueeze(1) * a).sum(0) / weight.sum();
  EXPECT_LT((mixture.expectation(y)[0] - expected).abs().max().item<double>(), .01);
}

// Fewer rows than numbers, and next to no noise.
TEST(SnapshotMixture, of_few_rows_stays_finite) {
  const auto mixture = learn_mixture({1e3 * draw(9, {4, 20})}, 16, 1e-9);
  EXPECT_TRUE(mixture.expectation(draw(10, {3, 20})).isfinite().all().item<bool>());
}

TEST(SnapshotMixture, leaves_more_of_a_snapshot_where_it_is_widened) {
  const auto rows = draw(8, {50, 2}), y = torch::tensor({{3., 3.}}, torch::kDouble);
  const auto narrow = learn_mixture({rows}, 1, 1.).expectation(y),
             wide = learn_mixture({rows}, 16, 1.).expectation(y);
  EXPECT_LT((wide - y).norm().item<double>(), (narrow - y).norm().item<double>());
}

}  // namespace
}  // namespace msde
