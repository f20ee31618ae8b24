#include "msde/grid/grid.hpp"

#include <gtest/gtest.h>

#include "msde/core/error.hpp"

namespace msde {
namespace {

TEST(Grid, CountsValues) {
  const Grid grid{.channels = 2, .shape = {3, 5}, .length = {1, 1}, .boundary = {}, .axes = {"y", "x"}};
  EXPECT_EQ(grid.dimensions(), 2);
  EXPECT_EQ(grid.points(), 15);
  EXPECT_EQ(grid.size(), 30);
}

TEST(Grid, BoundariesHaveNames) {
  for (const auto boundary : {Boundary::periodic, Boundary::wall, Boundary::open}) {
    EXPECT_EQ(parse_boundary(to_string(boundary)), boundary);
  }
  EXPECT_THROW(parse_boundary("Periodic"), DataError);
}

}  // namespace
}  // namespace msde
