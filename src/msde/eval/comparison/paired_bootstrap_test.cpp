#include "msde/eval/comparison/paired_bootstrap.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/error.hpp"
#include "msde/core/random/random.hpp"

namespace msde {
namespace {

// Of many normal differences the interval is mean +- 1.96 std / sqrt(N).
TEST(PairedBootstrap, interval_is_that_of_the_mean) {
  std::vector<double> a(400), b(400);
  fill_normal({4, Stream::test, 0}, 0, 400, a.data());
  fill_normal({4, Stream::test, 1}, 0, 400, b.data());
  for (auto& x : a) x += .5;
  const auto d = paired_bootstrap(a, b);
  double mean = 0, square = 0;
  for (size_t i = 0; i < a.size(); ++i)
    mean += (a[i] - b[i]) / 400, square += (a[i] - b[i]) * (a[i] - b[i]) / 400;
  const double half = 1.96 * std::sqrt((square - mean * mean) / 400);
  EXPECT_NEAR(d.mean, mean, 1e-12);
  EXPECT_NEAR(d.low, mean - half, .1 * half);
  EXPECT_NEAR(d.high, mean + half, .1 * half);
  EXPECT_TRUE(d.separable());
}

// What both share cancels: errors that differ much between trajectories do not hide a steady difference.
TEST(PairedBootstrap, pairs_cancel_what_trajectories_share) {
  const auto d = paired_bootstrap({1.1, 2.1, 5.1, 9.1, 3.1}, {1, 2, 5, 9, 3});
  EXPECT_NEAR(d.low, .1, 1e-12);
  EXPECT_NEAR(d.high, .1, 1e-12);
  EXPECT_FALSE(paired_bootstrap({1, 2, 3, 2}, {2, 1, 2, 3}).separable());
}

TEST(PairedBootstrap, one_trajectory_separates_nothing) {
  EXPECT_FALSE(paired_bootstrap({1}, {2}).separable());
  EXPECT_THROW(paired_bootstrap({1, 2}, {1}), DataError);
  EXPECT_THROW(paired_bootstrap({}, {}), DataError);
}

}  // namespace
}  // namespace msde
