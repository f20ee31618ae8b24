#include "msde/pde/flow/node_taps.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace msde {
namespace {

double at(const Taps& taps, const std::vector<double>& values) {
  double sum = 0;
  for (size_t a = 0; a < 4; ++a) sum += taps.weight[a] * values[static_cast<size_t>(taps.index[a])];
  return sum;
}

TEST(CubicTaps, AreExactForCubics) {
  const auto f = [](double x) { return 1 + x - .3 * x * x + .02 * x * x * x; };
  std::vector<double> values;
  for (int i = 0; i < 12; ++i) values.push_back(f(i));
  const auto taps = cubic_taps({12, {}, {}}, 1.25, .375, 20);
  for (int k = 0; k < 20; ++k)
    EXPECT_NEAR(at(taps[static_cast<size_t>(k)], values), f(1.25 + .375 * k), 1e-12);
}

TEST(CubicTaps, TakeAValueThatIsThereAlone) {
  const auto taps = cubic_taps({40, {}, {}}, 0, 1. / 3, 100);
  for (int k = 0; k < 100; k += 3) {
    EXPECT_EQ(taps[static_cast<size_t>(k)].index[1], k / 3);
    EXPECT_NEAR(taps[static_cast<size_t>(k)].weight[1], 1, 1e-12);
  }
}

TEST(CubicTaps, GoOnBeyondTheEndsAsTheyAreTold) {
  using Kind = LineEnd::Kind;
  std::vector<double> cosine, sine, between;  // of lines between walls
  for (int i = 0; i <= 16; ++i)
    cosine.push_back(std::cos(M_PI * i / 16)), sine.push_back(std::sin(M_PI * i / 16));
  for (int i = 0; i < 16; ++i) between.push_back(std::cos(M_PI * (i + .5) / 16));
  const LineEnd even{Kind::at_value, 1}, odd{Kind::at_value, -1}, half{Kind::between, 1};
  const auto a = cubic_taps({17, even, even}, 0, .25, 65), b = cubic_taps({17, odd, odd}, 0, .25, 65),
             c = cubic_taps({16, half, half}, -.5, .25, 65);
  for (int k = 0; k <= 64; ++k) {
    const auto i = static_cast<size_t>(k);
    EXPECT_NEAR(at(a[i], cosine), std::cos(M_PI * k / 64), 5e-5);
    EXPECT_NEAR(at(b[i], sine), std::sin(M_PI * k / 64), 5e-5);
    EXPECT_NEAR(at(c[i], between), std::cos(M_PI * k / 64), 5e-5);
  }
  EXPECT_EQ(at(cubic_taps({3, {}, {}}, 7.3, 1, 1)[0], {1, 2, 5}), 5);
}

}  // namespace
}  // namespace msde
