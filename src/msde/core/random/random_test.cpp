#include "msde/core/random/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <stdexcept>
#include <vector>

namespace msde {
namespace {

std::vector<double> normals(const RandomKey& key, uint64_t first, int64_t count) {
  std::vector<double> values(count);
  fill_normal(key, first, count, values.data());
  return values;
}

// Published known answer of Philox4x32-10 for key 0 and counter 0: 6627e8d5 e169c58d bc57ac4c 9b00dbd8.
TEST(Random, IsPhilox) {
  double values[2];
  fill_uniform({0, Stream{0}, 0}, 0, 2, values);
  EXPECT_EQ(values[0], (double(0xe169c58d6627e8d5u >> 12) + 0.5) * 0x1p-52);
  EXPECT_EQ(values[1], (double(0x9b00dbd8bc57ac4cu >> 12) + 0.5) * 0x1p-52);
}

TEST(Random, ValueDependsOnIndexAlone) {
  const RandomKey key{42, Stream::data_noise, 7};
  const auto whole = normals(key, 0, 1301);
  for (const int64_t cut : {1, 2, 33, 50, 513, 1300}) {
    auto parts = normals(key, 0, cut);
    const auto rest = normals(key, cut, 1301 - cut);
    parts.insert(parts.end(), rest.begin(), rest.end());
    EXPECT_EQ(parts, whole) << cut;
  }
  for (int64_t i = 0; i < 101; ++i) EXPECT_EQ(normals(key, i, 1).front(), whole[i]);
}

TEST(Random, FloatIsDoubleRounded) {
  const RandomKey key{3, Stream::ensemble, 1};
  std::vector<float> single(64);
  fill_normal(key, 5, 64, single.data());
  const auto exact = normals(key, 5, 64);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(single[i], static_cast<float>(exact[i]));
}

// The twin of the vector code: Random123's words and the C library's functions.
TEST(Random, NormalIsBoxAndMullersOfThePairOfUniforms) {
  constexpr int64_t n = 100'002;
  const RandomKey key{0x0123456789abcdef, Stream::ensemble, 0x0000fedcba987654};
  for (const uint64_t first : {uint64_t{0}, uint64_t{1} << 40}) {
    std::vector<double> u(n);
    fill_uniform(key, first, n, u.data());
    const auto x = normals(key, first, n);
    for (int64_t i = 0; i < n; i += 2) {
      const double radius = std::sqrt(-2 * std::log(u[i])), angle = 2 * std::numbers::pi * u[i + 1];
      ASSERT_NEAR(x[i], radius * std::cos(angle), 4e-15 * radius) << i;
      ASSERT_NEAR(x[i + 1], radius * std::sin(angle), 4e-15 * radius) << i;
    }
  }
}

// Every bit of seed, stream, step (48 bits) and index (49 bits) matters: no two keys share a counter.
TEST(Random, EveryBitOfTheKeyMatters) {
  std::set<double> seen;
  int draws = 0;
  const auto draw = [&](uint64_t seed, uint32_t stream, uint64_t step, uint64_t index) {
    double value = 0;
    fill_uniform({seed, Stream{stream}, step}, index, 1, &value);
    seen.insert(value);
    ++draws;
  };
  draw(0, 0, 0, 0);
  for (int bit = 0; bit < 64; ++bit) draw(uint64_t{1} << bit, 0, 0, 0);
  for (int bit = 0; bit < 32; ++bit) draw(0, uint32_t{1} << bit, 0, 0);
  for (int bit = 0; bit < 48; ++bit) draw(0, 0, uint64_t{1} << bit, 0);
  for (int bit = 0; bit < 49; ++bit) draw(0, 0, 0, uint64_t{1} << bit);
  EXPECT_EQ(seen.size(), static_cast<size_t>(draws));
  EXPECT_THROW(draw(0, 0, uint64_t{1} << 48, 0), std::out_of_range);
  EXPECT_THROW(draw(0, 0, 0, uint64_t{1} << 49), std::out_of_range);
  EXPECT_THROW(normals({0, Stream::test, uint64_t{1} << 48}, 0, 1), std::out_of_range);
  EXPECT_THROW(normals({0, Stream::test, 0}, (uint64_t{1} << 49) - 1, 2), std::out_of_range);
  EXPECT_THROW(normals({0, Stream::test, 0}, UINT64_MAX - 3, 8), std::out_of_range);
}

// Sample moments of a standard normal within five standard errors; neighbours and pairs uncorrelated.
TEST(Random, NormalMoments) {
  const int64_t n = 200'000;
  const auto x = normals({1, Stream::test, 0}, 0, n);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0, lag = 0;
  for (int64_t i = 0; i < n; ++i) {
    m1 += x[i], m2 += x[i] * x[i], m3 += std::pow(x[i], 3), m4 += std::pow(x[i], 4);
    lag += x[i] * x[(i + 1) % n];
  }
  EXPECT_NEAR(m1 / n, 0, 5 * std::sqrt(1.0 / n));
  EXPECT_NEAR(m2 / n, 1, 5 * std::sqrt(2.0 / n));
  EXPECT_NEAR(m3 / n, 0, 5 * std::sqrt(15.0 / n));
  EXPECT_NEAR(m4 / n, 3, 5 * std::sqrt(96.0 / n));
  EXPECT_NEAR(lag / n, 0, 5 * std::sqrt(1.0 / n));
}

TEST(Random, UniformIsInsideTheOpenInterval) {
  std::vector<double> u(100'000);
  fill_uniform({1, Stream::test, 1}, 0, 100'000, u.data());
  const auto [low, high] = std::minmax_element(u.begin(), u.end());
  EXPECT_GT(*low, 0);
  EXPECT_LT(*high, 1);
  std::sort(u.begin(), u.end());  // Kolmogorov-Smirnov, P(exceed) < 1e-4
  double distance = 0;
  for (size_t i = 0; i < u.size(); ++i) distance = std::max(distance, std::abs(u[i] - (i + 0.5) / u.size()));
  EXPECT_LT(distance * std::sqrt(double(u.size())), 2.3);
}

TEST(Random, IntegersCoverTheirRangeEvenly) {
  std::vector<int> counts(7);
  for (uint64_t i = 0; i < 70'000; ++i) {
    const int64_t value = uniform_integer({9, Stream::window_choice, 3}, i, -3, 3);
    ASSERT_GE(value, -3);
    ASSERT_LE(value, 3);
    ++counts[value + 3];
  }
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 5 * std::sqrt(10'000));
  EXPECT_EQ(uniform_integer({1, Stream::test, 0}, 0, 5, 5), 5);
  uniform_integer({1, Stream::test, 0}, 0, INT64_MIN, INT64_MAX);
  EXPECT_THROW(uniform_integer({1, Stream::test, 0}, 0, 1, 0), std::invalid_argument);
}

}  // namespace
}  // namespace msde
