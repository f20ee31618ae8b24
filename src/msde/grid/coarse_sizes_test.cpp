#include "msde/grid/coarse_sizes.hpp"

#include <gtest/gtest.h>

namespace msde {
namespace {

Grid grid_of(const std::vector<int64_t>& shape) {
  Grid grid;
  grid.shape = shape;
  grid.axes = shape.size() == 1 ? std::vector<std::string>{"x"} : std::vector<std::string>{"y", "x"};
  return grid;
}

TEST(CoarseSizes, divide_into_cells_of_two_or_more) {
  EXPECT_EQ(coarse_sizes(12), (std::vector<int64_t>{1, 2, 3, 4, 6}));
  EXPECT_TRUE(coarse_sizes(73).empty());
  EXPECT_TRUE(coarse_sizes(1).empty());
}

TEST(CoarseSizes, proposals_fit) {
  EXPECT_EQ(proposed_n_zeta(grid_of({1000}), {30}), "model.n_zeta = 25 fits");
  EXPECT_EQ(proposed_n_zeta(grid_of({64, 64}), {20}), "model.n_zeta = [4, 4] fits");
  EXPECT_EQ(proposed_n_zeta(grid_of({12, 48}), {20}), "model.n_zeta = [2, 8] fits");
  EXPECT_EQ(proposed_n_zeta(grid_of({12, 48}), {5, 13}), "model.n_zeta = [6, 12] fits");
  EXPECT_EQ(proposed_n_zeta(grid_of({73}), {18}), "data.crop = \"x=0:72\" and model.n_zeta = 18 fit");
  EXPECT_EQ(proposed_n_zeta(grid_of({72, 73}), {6, 12}),
            "data.crop = \"x=0:72\" and model.n_zeta = [6, 12] fit");
  // Where no size is near, or none of nine tenths of the points.
  EXPECT_EQ(proposed_n_zeta(grid_of({73}), {72}), "data.crop = \"x=0:72\" and model.n_zeta = 36 fit");
  EXPECT_EQ(proposed_n_zeta(grid_of({5, 5}), {2, 2}),
            "data.crop = \"y=0:4,x=0:4\" and model.n_zeta = [2, 2] fit");
  EXPECT_EQ(proposed_n_zeta(grid_of({3, 64}), {2, 8}), "model.n_zeta = [1, 8] fits");
  EXPECT_EQ(proposed_n_zeta(grid_of({3, 3}), {2, 2}), "no size of a coarse grid fits; the grid is too small");
  // Of a grid that is a crop already, the proposal is a crop of the same file.
  EXPECT_EQ(proposed_n_zeta(grid_of({73}), {18}, {{"x", 10, 83}}),
            "data.crop = \"x=10:82\" and model.n_zeta = 18 fit");
  EXPECT_EQ(proposed_n_zeta(grid_of({72, 73}), {6, 12}, {{"y", 4, 76}}),
            "data.crop = \"y=4:76,x=0:72\" and model.n_zeta = [6, 12] fit");
  EXPECT_EQ(proposed_n_zeta(grid_of({72}), {7}, {{"x", 5, 77}}), "model.n_zeta = 8 fits");
  EXPECT_EQ(proposed_n_zeta(grid_of({1}), {1}), "no size of a coarse grid fits; the grid is too small");
}

}  // namespace
}  // namespace msde
