#include "msde/pde/equations/wave_1d.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace msde {
namespace {

TEST(Wave, IsAPulseOfUnitHeightThatTravelsOnceAround) {
  const auto u = travelling_pulse(1000, .015, {1, 1001});
  EXPECT_EQ(u.sizes(), (std::vector<int64_t>{1001, 1000}));
  EXPECT_NEAR(u[0][0].item<double>(), 1, 1e-15);
  EXPECT_NEAR(u[0][999].item<double>(), 1, 1e-15);  // x = 1 is x = 0
  EXPECT_LT((u[0] - u[1000]).abs().max().item<double>(), 1e-12);
  EXPECT_NEAR(u[500][500].item<double>(), std::exp(-std::pow((500. / 999 - .5) / .015, 2)), 1e-12);
  EXPECT_LT(u[500][0].item<double>(), 1e-100);
}

TEST(Wave, NormIsThatOfAGaussian) {
  // sum u^2 dx = width sqrt(pi / 2), whatever the time.
  const auto energy = travelling_pulse(1001, .015, {1, 21}).slice(1, 0, 1000).square().sum(1) / 1000;
  EXPECT_LT((energy - .015 * std::sqrt(std::acos(-1.) / 2)).abs().max().item<double>(), 1e-9);
}

TEST(Wave, WidthsAreUniform) {
  double sum = 0, least = 1, most = 0;
  for (uint64_t i = 0; i < 200; ++i) {
    const auto u = simulate_wave_1d({3, Stream::data_parameters, i}, {1, 2})[0][0];
    const double x = 10. / 999, width = x / std::sqrt(-std::log(u[10].item<double>()));
    sum += width;
    least = std::min(least, width);
    most = std::max(most, width);
  }
  EXPECT_GT(least, .01);
  EXPECT_LT(most, .02);
  EXPECT_NEAR(sum / 200, .015, 4 * .01 / std::sqrt(12. * 200));
}

}  // namespace
}  // namespace msde
