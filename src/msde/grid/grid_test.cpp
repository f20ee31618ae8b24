#include "msde/grid/grid.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/grid/boundary_words.hpp"

namespace msde {
namespace {

TEST(Grid, CountsValues) {
  const Grid grid{.channels = 2, .shape = {3, 5}, .length = {1, 1}, .boundary = {}, .axes = {"y", "x"}};
  EXPECT_EQ(grid.dimensions(), 2);
  EXPECT_EQ(grid.points(), 15);
  EXPECT_EQ(grid.size(), 30);
}

TEST(Grid, BoundariesHaveNames) {
  for (const auto boundary :
       {Boundary::periodic, Boundary::wall, Boundary::open, Boundary::inflow, Boundary::outflow}) {
    EXPECT_EQ(parse_boundary(to_string(boundary)), boundary);
  }
  EXPECT_THROW(parse_boundary("Periodic"), DataError);
}

TEST(AxisEnds, one_boundary_stands_for_two_alike) {
  const AxisEnds walls = Boundary::wall, mixed = {Boundary::wall, Boundary::open};
  EXPECT_TRUE(walls == Boundary::wall);
  EXPECT_FALSE(mixed == Boundary::wall);
  EXPECT_FALSE(mixed == Boundary::open);
  EXPECT_FALSE(mixed == AxisEnds(Boundary::open, Boundary::wall));
  EXPECT_TRUE(AxisEnds(Boundary::periodic).periodic());
  EXPECT_FALSE(mixed.periodic());
  EXPECT_THROW(AxisEnds(Boundary::periodic, Boundary::open), DataError);
  EXPECT_THROW(AxisEnds(Boundary::wall, Boundary::periodic), DataError);
}

TEST(BoundaryWords, a_word_per_axis_and_two_where_its_ends_differ) {
  const auto read = [](const std::string& words, size_t axes) {
    return parse_boundaries(words, axes, "here");
  };
  for (const std::string words : {"periodic", "wall:open", "open:wall,periodic", "wall,open,wall:open"})
    EXPECT_EQ(boundary_words(read(words, std::count(words.begin(), words.end(), ',') + 1)), words);
  EXPECT_EQ(boundary_words(read("wall:wall", 1)), "wall");
  EXPECT_EQ(boundary_words(read(" wall:open ", 2)), "wall:open,wall:open");
  const auto ends = read("periodic, open:wall", 2)[1];
  EXPECT_EQ(ends.low, Boundary::open);
  EXPECT_EQ(ends.high, Boundary::wall);
  for (const char* bad :
       {"wall:", ":open", "wall:open:wall", "wall;open", "periodic:open", "open:periodic", ""})
    EXPECT_THROW(read(bad, 1), DataError) << bad;
  EXPECT_THROW(read("wall:open,wall", 3), DataError);
}

TEST(Grid, PointsOfAnAxisWithEndsAreCellCentres) {
  Grid grid{.shape = {4}, .length = {2}, .boundary = {Boundary::periodic}, .axes = {"x"}};
  EXPECT_EQ(grid.origin_of(0), 0);
  grid.boundary[0] = {Boundary::wall, Boundary::open};
  EXPECT_EQ(grid.origin_of(0), .25);
}

}  // namespace
}  // namespace msde
