#include "msde/ops/fluid.hpp"

#include <gtest/gtest.h>

namespace msde {
namespace {

Grid with_hole() {
  return {.channels = 2,
          .shape = {2, 3},
          .length = {1, 1},
          .boundary = {Boundary::wall, Boundary::wall},
          .axes = {"y", "x"},
          .mask = make_mask({1, 1, 0, 0, 1, 1})};
}

TEST(Fluid, fills_the_points_that_are_none_in_every_channel_and_frame) {
  const auto x = torch::arange(1, 13, torch::kDouble).view({1, 2, 2, 3});
  const auto filled = with_solid(x, with_hole(), 0);
  const auto expected = torch::tensor({1., 2., 0., 0., 5., 6., 7., 8., 0., 0., 11., 12.}).view({1, 2, 2, 3});
  EXPECT_TRUE(filled.equal(expected.to(torch::kDouble)));
  EXPECT_EQ(x.min().item<double>(), 1);  // not written to
}

TEST(Fluid, a_grid_without_a_mask_is_all_fluid) {
  Grid grid = with_hole();
  EXPECT_EQ(grid.fluid_size(), 8);
  EXPECT_EQ(fluid_weight(grid).sum().item<double>(), 4);
  grid.mask = nullptr;
  EXPECT_EQ(grid.fluid_size(), 12);
  EXPECT_EQ(fluid_points(grid).numel(), 6);
  EXPECT_EQ(solid_points(grid).numel(), 0);
  const auto x = torch::ones({1, 2, 2, 3});
  EXPECT_EQ(with_solid(x, grid, 0).data_ptr(), x.data_ptr());
}

}  // namespace
}  // namespace msde
