#include "msde/field/windows.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/error.hpp"

namespace msde {
namespace {

// How often each snapshot lies in one of `count` windows.
std::vector<int64_t> coverage(const WindowChoice& choice, int64_t T) {
  std::vector<int64_t> seen(static_cast<size_t>(T));
  for (int64_t b = 0; b < choice.start.numel(); ++b) {
    const int64_t start = choice.start[b].item<int64_t>();
    for (int64_t i = start; i < start + choice.length; ++i) ++seen[static_cast<size_t>(i)];
  }
  return seen;
}

class Coverage : public testing::TestWithParam<std::pair<int64_t, int64_t>> {};

TEST_P(Coverage, OfTheEndsIsAtLeastThatOfTheMiddle) {
  const auto [T, W] = GetParam();
  const int64_t n = 20000;
  const auto choice = choose_windows({4, T, false}, W, n, {0, Stream::window_choice, 0});
  const auto seen = coverage(choice, T);
  const int64_t length = std::min(T, W);
  const double p = length == T ? 1 : static_cast<double>(length) / static_cast<double>(T + length - 1);
  const double deviation = std::sqrt(static_cast<double>(n) * p * (1 - p)) + 1e-9;
  for (int64_t i = 0; i < T; ++i) {
    EXPECT_GT(static_cast<double>(seen[static_cast<size_t>(i)]), static_cast<double>(n) * p - 5 * deviation)
        << i;
  }
  // Exactly p at the ends.
  for (const int64_t end : {seen.front(), seen.back()}) {
    EXPECT_LT(std::abs(static_cast<double>(end) - static_cast<double>(n) * p), 5 * deviation);
  }
}
INSTANTIATE_TEST_SUITE_P(Lengths, Coverage,
                         testing::Values(std::pair{101, 16}, std::pair{101, 64}, std::pair{20, 1},
                                         std::pair{7, 7}, std::pair{7, 64}));

TEST(Windows, StartsAreUniformInside) {
  const int64_t n = 30000, T = 40, W = 11;
  const auto choice = choose_windows({1, T, false}, W, n, {1, Stream::window_choice, 2});
  double chi_square = 0;
  const double expected = static_cast<double>(n) / static_cast<double>(T + W - 1);
  for (int64_t s = 0; s <= T - W; ++s) {
    const double weight = s == 0 || s == T - W ? W : 1;  // clamped starts: 1 - W .. 0 and T - W .. T - 1
    const double count = static_cast<double>((choice.start == s).sum().item<int64_t>());
    chi_square += std::pow(count - weight * expected, 2) / (weight * expected);
  }
  EXPECT_LT(chi_square, 29 + 5 * std::sqrt(2 * 29.));  // 30 cells
}

TEST(Windows, TrajectoriesAreUniform) {
  const auto choice = choose_windows({5, 50, false}, 8, 20000, {1, Stream::window_choice, 3});
  for (int64_t n = 0; n < 5; ++n) {
    EXPECT_NEAR(static_cast<double>((choice.trajectory == n).sum().item<int64_t>()), 4000,
                5 * std::sqrt(20000 * .2 * .8));
  }
  EXPECT_EQ(choice.trajectory.dtype(), torch::kLong);
  EXPECT_EQ(choice.start.dtype(), torch::kLong);
}

TEST(Windows, AreAFunctionOfTheKey) {
  const auto choose = [](uint64_t seed, uint64_t step, int64_t count) {
    return choose_windows({5, 500, false}, 8, count, {seed, Stream::window_choice, step});
  };
  const auto a = choose(1, 3, 64), b = choose(1, 3, 64);
  EXPECT_TRUE(torch::equal(a.start, b.start) && torch::equal(a.trajectory, b.trajectory));
  EXPECT_FALSE(torch::equal(a.start, choose(1, 4, 64).start));
  EXPECT_FALSE(torch::equal(a.start, choose(2, 3, 64).start));
  EXPECT_TRUE(
      torch::equal(a.start.narrow(0, 0, 8), choose(1, 3, 8).start));  // more windows change none of the first
}

TEST(Windows, RefusesEmptyOnes) {
  EXPECT_THROW(choose_windows({5, 50, false}, 0, 1, {}), ConfigError);
  EXPECT_THROW(choose_windows({5, 50, false}, 1, 0, {}), ConfigError);
}

}  // namespace
}  // namespace msde
