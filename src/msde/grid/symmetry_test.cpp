#include "msde/grid/symmetry.hpp"

#include <gtest/gtest.h>

#include <set>

#include "msde/core/error.hpp"

namespace msde {
namespace {

Grid square(int64_t n, const std::vector<std::string>& symmetry, Boundary boundary = Boundary::wall) {
  return {.shape = {n, n},
          .length = {1, 1},
          .boundary = {boundary, boundary},
          .axes = {"y", "x"},
          .symmetry = symmetry};
}

int64_t orbit_count(const std::vector<int64_t>& orbits) {
  return static_cast<int64_t>(std::set<int64_t>(orbits.begin(), orbits.end()).size());
}

TEST(Symmetry, words_say_where_the_points_of_the_image_come_from) {
  const Grid grid = {.shape = {2, 3},
                     .length = {1, 1},
                     .boundary = {Boundary::wall, Boundary::periodic},
                     .axes = {"y", "x"}};
  const auto places = [&](const char* words) {
    return image_places(parse_symmetry(words, grid), grid.shape);
  };
  EXPECT_EQ(places("reflect y"), (std::vector<int64_t>{3, 4, 5, 0, 1, 2}));
  EXPECT_EQ(places("reflect x"), (std::vector<int64_t>{2, 1, 0, 5, 4, 3}));
  EXPECT_EQ(places("reflect x at 0"), (std::vector<int64_t>{0, 2, 1, 3, 5, 4}));
  EXPECT_EQ(places("reflect y x"), (std::vector<int64_t>{5, 4, 3, 2, 1, 0}));
  const Grid two = square(2, {});
  EXPECT_EQ(image_places(parse_symmetry("swap y x", two), two.shape), (std::vector<int64_t>{0, 2, 1, 3}));
  // v = transposed u, then reflected along y: a quarter turn, so four of them are nothing.
  EXPECT_EQ(image_places(parse_symmetry("swap y x reflect y", two), two.shape),
            (std::vector<int64_t>{1, 3, 0, 2}));
  EXPECT_EQ(symmetry_group(square(2, {"swap y x reflect y"})).size(), 4u);
}

TEST(Symmetry, groups_hold_every_product_and_its_places) {
  const Grid grid = square(5, {"reflect y", "swap y x"});
  const auto group = symmetry_group(grid);
  ASSERT_EQ(group.size(), 8u);
  std::set<std::vector<int64_t>> all;
  for (const auto& g : group) all.insert(image_places(g, grid.shape));
  EXPECT_EQ(all.size(), 8u);
  for (const auto& g : all)
    for (const auto& h : all) {
      std::vector<int64_t> product;
      for (const int64_t place : h) product.push_back(g[static_cast<size_t>(place)]);
      EXPECT_TRUE(all.count(product));
    }
  // Of 5 x 5 points under the eight: 6 triples i <= j <= 2.
  EXPECT_EQ(orbit_count(orbits(group, grid.shape)), 6);
  Grid cube = grid;
  cube.shape = {4, 4, 4}, cube.length = {1, 1, 1}, cube.boundary.emplace_back(Boundary::wall),
  cube.axes = {"z", "y", "x"};
  cube.symmetry = {"reflect z", "swap z y", "swap y x"};
  EXPECT_EQ(symmetry_group(cube).size(), 48u);
  EXPECT_EQ(orbit_count(orbits(symmetry_group(cube), cube.shape)), 4);  // multisets of 3 of 2
}

TEST(Symmetry, coarse_points_of_periodic_axes_keep_the_first) {
  Grid grid = square(16, {"reflect x"}, Boundary::periodic);
  EXPECT_EQ(image_places(coarse_symmetry_group(grid, {4, 4})[1], {4, 4}),
            (std::vector<int64_t>{0, 3, 2, 1, 4, 7, 6, 5, 8, 11, 10, 9, 12, 15, 14, 13}));
  EXPECT_EQ(orbit_count(orbits(coarse_symmetry_group(square(16, {"reflect y", "swap y x"}), {8, 8}), {8, 8})),
            10);
  EXPECT_THROW(coarse_symmetry_group(square(16, {"swap y x"}), {8, 4}), ConfigError);
}

TEST(Symmetry, refuses_other_words) {
  const Grid grid = {
      .shape = {4, 6}, .length = {1, 1}, .boundary = {Boundary::wall, Boundary::wall}, .axes = {"y", "x"}};
  for (const char* words : {"", "mirror y", "reflect", "reflect z", "reflect y at 0", "reflect y at 1",
                            "swap y", "swap y y", "swap y x", "reflect y swap y x", "swap y x at 0"})
    EXPECT_THROW(parse_symmetry(words, grid), ConfigError) << words;
  // Two reflections about different points are a translation.
  for (const int64_t n : {4, 16, 64})
    EXPECT_THROW(symmetry_group(square(n, {"reflect x", "reflect x at 0"}, Boundary::periodic)), ConfigError);
}

}  // namespace
}  // namespace msde
