#include "msde/scales/cell_positions.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace msde {
namespace {

Grid grid_with(AxisEnds x) {
  return {.channels = 2,
          .shape = {6, 8},
          .length = {1, 2},
          .boundary = {Boundary::periodic, x},
          .axes = {"y", "x"}};
}

TEST(CellPositions, AreWavesAlongAxesThatHaveEnds) {
  const auto p = cell_positions(grid_with({Boundary::inflow, Boundary::outflow}), {3, 4});
  ASSERT_EQ(p.sizes().vec(), (std::vector<int64_t>{12, 4}));  // k = 1, 2 along x, none along y
  for (int64_t cell = 0; cell < 12; ++cell) {
    const double s = (static_cast<double>(cell % 4) + .5) / 4;
    const auto row = p[cell];
    EXPECT_NEAR(row[0].item<float>(), std::cos(M_PI * s), 1e-6);
    EXPECT_NEAR(row[1].item<float>(), std::sin(M_PI * s), 1e-6);
    EXPECT_NEAR(row[2].item<float>(), std::cos(2 * M_PI * s), 1e-6);
    EXPECT_NEAR(row[3].item<float>(), std::sin(2 * M_PI * s), 1e-6);
  }
}

TEST(CellPositions, AreNoneWhereAllIsPeriodic) {
  EXPECT_EQ(cell_positions(grid_with(Boundary::periodic), {3, 4}).sizes().vec(),
            (std::vector<int64_t>{12, 0}));
}

}  // namespace
}  // namespace msde
