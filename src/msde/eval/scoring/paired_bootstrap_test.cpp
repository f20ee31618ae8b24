#include "msde/eval/scoring/paired_bootstrap.hpp"

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

// Five copies of each of 80 differences say no more than the 80 do.
TEST(PairedBootstrap, blocks_that_overlap_count_once) {
  std::vector<double> a(400), b(400, 0.), few(80);
  fill_normal({4, Stream::test, 0}, 0, 80, few.data());
  for (size_t i = 0; i < a.size(); ++i) a[i] = few[i / 5];
  const auto honest = paired_bootstrap(few, std::vector<double>(80, 0.));
  const auto blocks = paired_bootstrap(a, b, 5), naive = paired_bootstrap(a, b);
  const double width = honest.high - honest.low;
  EXPECT_GT(blocks.high - blocks.low, .75 * width);  // blocks that begin within copies mix two of the 80
  EXPECT_LT(blocks.high - blocks.low, 1.1 * width);
  EXPECT_LT(naive.high - naive.low, .5 * width);
  for (const int64_t block : {3, 2}) EXPECT_FALSE(paired_bootstrap({1, 1, 1}, {2, 2, 2}, block).separable());
  EXPECT_TRUE(paired_bootstrap({1, 1, 1, 1}, {2, 2, 2, 2}, 2).separable());
}

// Of equal forecasters few pairs say otherwise once in twenty times, not every second time.
TEST(PairedBootstrap, few_trajectories_are_seldom_wrong) {
  constexpr int kTrials = 400;
  for (const size_t N : {2, 3, 4, 6, 20}) {
    int separated = 0;
    for (uint64_t trial = 0; trial < kTrials; ++trial) {
      std::vector<double> a(N), b(N, 0.);
      fill_normal({trial, Stream::test, N}, 0, static_cast<int64_t>(N), a.data());
      separated += paired_bootstrap(a, b).separable();
    }
    EXPECT_LT(separated, .1 * kTrials) << N;
    EXPECT_GT(separated, .005 * kTrials) << N;
  }
}

TEST(PairedBootstrap, undefined_errors_are_left_out) {
  const auto d = paired_bootstrap({1, NAN, 2, 3}, {2, 5, NAN, 4});
  EXPECT_EQ(d.mean, -1);
  EXPECT_TRUE(d.separable());
  EXPECT_FALSE(paired_bootstrap({NAN, NAN}, {1, 2}).separable());
  EXPECT_FALSE(paired_bootstrap({INFINITY, 1, 1, 1}, {2, 2, 2, 2}).separable());
}

TEST(PairedBootstrap, one_trajectory_separates_nothing) {
  EXPECT_FALSE(paired_bootstrap({1}, {2}).separable());
  EXPECT_THROW(paired_bootstrap({1, 2}, {1}), DataError);
  EXPECT_THROW(paired_bootstrap({}, {}), DataError);
}

}  // namespace
}  // namespace msde
