#include "msde/pde/flow/shedding.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace msde {
namespace {

TEST(Shedding, FindsFrequencyDragAndLiftOfAWave) {
  Forces f{.01, {}, {}};
  for (int i = 0; i <= 1000; ++i) {
    const double t = .01 * i, angle = 2 * M_PI * 1.64 * t + .3;
    f.lift.push_back((1 + .01 * t) * .57 * std::sin(angle));
    f.drag.push_back(1.45 + .1 * std::sin(2 * angle));
  }
  const auto s = shedding(f, 6, 10);
  EXPECT_EQ(s.periods, 6);
  EXPECT_NEAR(s.frequency, 1.64, 1e-3);
  EXPECT_NEAR(s.mean_drag, 1.45, 2e-3);
  EXPECT_NEAR(s.lift, .57 * 1.08, 2e-3);
  EXPECT_NEAR(s.last_peak - s.first_peak, .57 * .01 * 5 / 1.64, 1e-4);
}

TEST(Shedding, IsNoneWhereTheLiftHasNoPeriod) {
  EXPECT_EQ(shedding({.01, std::vector<double>(50, 1), std::vector<double>(50, 1)}, 0, .5).periods, 0);
  EXPECT_EQ(shedding({.01, {}, {}}, 0, .5).frequency, 0);
}

}  // namespace
}  // namespace msde
