#include "msde/grid/mask.hpp"

#include <gtest/gtest.h>

#include "msde/core/error.hpp"

namespace msde {
namespace {

TEST(Mask, NumbersItsPointsInOrder) {
  const Mask mask({1, 0, 0, 7, 1});
  EXPECT_EQ(mask.points(), 5);
  EXPECT_EQ(mask.fluid_points(), 3);
  EXPECT_EQ(mask.fluid(), (std::vector<int64_t>{0, 3, 4}));
  EXPECT_EQ(mask.solid(), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(mask, Mask({1, 0, 0, 1, 1}));
  EXPECT_NE(mask, Mask({1, 0, 0, 1, 0}));
}

TEST(Mask, OfFluidAloneIsNone) {
  EXPECT_EQ(make_mask({1, 2, 255}), nullptr);
  EXPECT_NE(make_mask({1, 0}), nullptr);
  EXPECT_THROW(make_mask({0, 0}), DataError);
}

TEST(Mask, IsItsRuns) {
  const std::vector<std::vector<uint8_t>> masks = {
      {0, 0, 1, 1, 1, 0}, {1, 0, 1, 0, 1, 0}, {0, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 0}};
  for (const auto& fluid : masks) {
    const Mask mask(fluid);
    EXPECT_EQ(*mask_of_runs(mask.runs(), 6, "here"), mask);
  }
  EXPECT_EQ(Mask({0, 0, 1, 1, 1, 0}).runs(), (std::vector<int64_t>{0, 2, 3, 1}));
  EXPECT_EQ(mask_of_runs({6}, 6, "here"), nullptr);
}

TEST(Mask, RefusesRunsThatDoNotFit) {
  for (const std::vector<int64_t>& runs :
       {std::vector<int64_t>{2, 3}, {2, 5}, {-1, 7}, {}, {2, INT64_MAX}, {0, 6}})
    EXPECT_THROW(mask_of_runs(runs, 6, "here"), DataError);
}

}  // namespace
}  // namespace msde
