#include "msde/field/time_axis.hpp"

#include <gtest/gtest.h>

#include "msde/core/error.hpp"

namespace msde {
namespace {

torch::Tensor as_stored(const torch::Tensor& times) {
  return times.to(torch::kFloat).to(torch::kDouble).view({1, -1});
}

TEST(TimeAxis, RoundedTimesAreEquallySpaced) {
  for (const double offset : {0., 100., -3.}) {
    const auto t = offset + torch::linspace(0, 1, 1001, torch::kDouble);
    EXPECT_NEAR(equal_spacing(as_stored(t), "t"), .001, 1e-7);
  }
  EXPECT_NO_THROW(equal_spacing(as_stored(torch::arange(0, 13, .01, torch::kDouble)), "t"));
}

TEST(TimeAxis, TimesSummedInFloat32AreEquallySpaced) {
  auto t = torch::zeros({1001});
  for (int64_t i = 1; i < 1001; ++i) t[i] = t[i - 1] + .001f;
  EXPECT_NO_THROW(equal_spacing(as_stored(t), "t"));
}

TEST(TimeAxis, ToleranceIsEightUlps) {
  EXPECT_DOUBLE_EQ(time_tolerance(1), 8 * std::pow(2., -23));
  EXPECT_DOUBLE_EQ(time_tolerance(-1000), 8 * std::pow(2., 9 - 23));
  auto t = as_stored(torch::linspace(0, 1, 11, torch::kDouble));
  const double ulp = std::pow(2., -24);  // at t = .5
  t[0][5] += 5 * ulp;
  EXPECT_NO_THROW(equal_spacing(t, "t"));
  t[0][5] += 35 * ulp;
  EXPECT_THROW(equal_spacing(t, "t"), DataError);
}

TEST(TimeAxis, EveryTrajectoryHasTheSpacingOfTheFirst) {
  const auto t = torch::stack({torch::arange(5, torch::kDouble), 7 + torch::arange(5, torch::kDouble)});
  EXPECT_EQ(equal_spacing(t, "t"), 1);
  EXPECT_THROW(equal_spacing(torch::stack({t[0], 2 * t[0]}), "t"), DataError);
}

}  // namespace
}  // namespace msde
