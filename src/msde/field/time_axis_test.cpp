#include "msde/field/time_axis.hpp"

#include <gtest/gtest.h>

#include "msde/core/error.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {
namespace {

using Times = std::vector<double>;

Times as_stored(const torch::Tensor& times) {
  const auto t = times.to(torch::kDouble).contiguous();
  Times stored(t.data_ptr<double>(), t.data_ptr<double>() + t.numel());
  for (double& value : stored) value = static_cast<float>(value);
  return stored;
}

TEST(TimeAxis, RoundedTimesAreEquallySpaced) {
  for (const double offset : {0., 100., -3.}) {
    const auto t = offset + torch::linspace(0, 1, 1001, torch::kDouble);
    EXPECT_NEAR(equal_spacing(as_stored(t), 1, "t", Stored::float32), .001, 1e-7);
  }
  EXPECT_NO_THROW(
      equal_spacing(as_stored(torch::arange(0, 13, .01, torch::kDouble)), 1, "t", Stored::float32));
}

TEST(TimeAxis, TimesSummedInFloat32AreEquallySpaced) {
  auto t = torch::zeros({1001});
  for (int64_t i = 1; i < 1001; ++i) t[i] = t[i - 1] + .001f;
  EXPECT_NO_THROW(equal_spacing(as_stored(t), 1, "t", Stored::float32));
}

TEST(TimeAxis, ToleranceIsEightRoundingsOfTheTypeAndAHundredthOfTheSpacingAtMost) {
  EXPECT_DOUBLE_EQ(spacing_tolerance(1, 1, Stored::float32), 8 * std::pow(2., -23));
  EXPECT_DOUBLE_EQ(spacing_tolerance(1000, 1, Stored::float32), 8 * std::pow(2., 9 - 23));
  EXPECT_DOUBLE_EQ(spacing_tolerance(1000, .01, Stored::float32), 1e-4);
  EXPECT_DOUBLE_EQ(spacing_tolerance(1, 1, Stored::float64), 1e-3);
  EXPECT_DOUBLE_EQ(spacing_tolerance(1.7e9, 60, Stored::float64), .06);
  auto t = as_stored(torch::linspace(0, 1, 11, torch::kDouble));
  const double ulp = std::pow(2., -24);  // at t = .5
  t[5] += 5 * ulp;
  EXPECT_NO_THROW(equal_spacing(t, 1, "t", Stored::float32));
  t[5] += 35 * ulp;
  EXPECT_THROW(equal_spacing(t, 1, "t", Stored::float32), DataError);
}

TEST(TimeAxis, SecondsSince1970AreRightInFloat64AndRefusedInFloat32) {
  for (const double spacing : {60., 600., 1.}) {
    Times t;
    for (int i = 0; i < 40; ++i) t.push_back(1.7e9 + spacing * i);
    EXPECT_DOUBLE_EQ(equal_spacing(t, 1, "t", Stored::float64), spacing);
    for (double& value : t) value = static_cast<float>(value);
    EXPECT_THROW(equal_spacing(t, 1, "t", Stored::float32), DataError);
  }
}

TEST(TimeAxis, IrregularDaysSince1900AreRefused) {
  Times t;
  for (int i = 0; i < 40; ++i) t.push_back(45000 + (i + (i % 2 ? .3 : -.3)) / 24);  // .4 and 1.6 hours apart
  EXPECT_THROW(equal_spacing(t, 1, "t", Stored::float64), DataError);
  for (double& value : t) value = static_cast<float>(value);
  EXPECT_THROW(equal_spacing(t, 1, "t", Stored::float32), DataError);
}

TEST(TimeAxis, JitterOfAThousandthAndTimesThatWereFloatOnceAreEquallySpacedInFloat64) {
  Times t = as_stored(torch::arange(0, 20, .02, torch::kDouble));
  EXPECT_NO_THROW(equal_spacing(t, 1, "t", Stored::float64));
  Times jitter;
  for (int i = 0; i < 40; ++i) jitter.push_back(i + 4e-4 * (i % 2));
  EXPECT_NO_THROW(equal_spacing(jitter, 1, "t", Stored::float64));
}

TEST(TimeAxis, EveryTrajectoryHasTheSpacingOfTheFirst) {
  EXPECT_EQ(equal_spacing({0, 1, 2, 3, 4, 7, 8, 9, 10, 11}, 2, "t", Stored::float32), 1);
  EXPECT_THROW(equal_spacing({0, 1, 2, 3, 4, 0, 2, 4, 6, 8}, 2, "t", Stored::float32), DataError);
}

}  // namespace
}  // namespace msde
