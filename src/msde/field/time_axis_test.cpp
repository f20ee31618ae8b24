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
    EXPECT_TRUE(spacing_of(as_stored(t), 1, "t", Stored::float32).equal);
    EXPECT_NEAR(spacing_of(as_stored(t), 1, "t", Stored::float32).mean, .001, 1e-7);
  }
  EXPECT_TRUE(
      spacing_of(as_stored(torch::arange(0, 13, .01, torch::kDouble)), 1, "t", Stored::float32).equal);
}

TEST(TimeAxis, TimesSummedInFloat32AreEquallySpaced) {
  auto t = torch::zeros({1001});
  for (int64_t i = 1; i < 1001; ++i) t[i] = t[i - 1] + .001f;
  EXPECT_TRUE(spacing_of(as_stored(t), 1, "t", Stored::float32).equal);
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
  EXPECT_TRUE(spacing_of(t, 1, "t", Stored::float32).equal);
  t[5] += 35 * ulp;
  EXPECT_FALSE(spacing_of(t, 1, "t", Stored::float32).equal);
}

TEST(TimeAxis, SecondsSince1970AreRightInFloat64AndRefusedInFloat32) {
  for (const double spacing : {60., 600., 1.}) {
    Times t;
    for (int i = 0; i < 40; ++i) t.push_back(1.7e9 + spacing * i);
    EXPECT_DOUBLE_EQ(spacing_of(t, 1, "t", Stored::float64).mean, spacing);
    for (double& value : t) value = static_cast<float>(value);
    EXPECT_THROW(spacing_of(t, 1, "t", Stored::float32), DataError);
  }
}

TEST(TimeAxis, IrregularDaysSince1900AreUnequalInFloat64AndRefusedInFloat32) {
  Times t;
  for (int i = 0; i < 40; ++i) t.push_back(45000 + (i + (i % 2 ? .3 : -.3)) / 24);  // .4 and 1.6 hours apart
  const auto spacing = spacing_of(t, 1, "t", Stored::float64);
  EXPECT_FALSE(spacing.equal);
  EXPECT_NEAR(spacing.least, .4 / 24, 1e-9);
  EXPECT_NEAR(spacing.most, 1.6 / 24, 1e-9);
  EXPECT_NEAR(spacing.mean, (39 + .6) / 39 / 24, 1e-9);
  for (double& value : t) value = static_cast<float>(value);
  EXPECT_THROW(spacing_of(t, 1, "t", Stored::float32), DataError);
}

TEST(TimeAxis, JitterOfAThousandthAndTimesThatWereFloatOnceAreEquallySpacedInFloat64) {
  Times t = as_stored(torch::arange(0, 20, .02, torch::kDouble));
  EXPECT_TRUE(spacing_of(t, 1, "t", Stored::float64).equal);
  Times jitter;
  for (int i = 0; i < 40; ++i) jitter.push_back(i + 4e-4 * (i % 2));
  EXPECT_TRUE(spacing_of(jitter, 1, "t", Stored::float64).equal);
}

TEST(TimeAxis, TrajectoriesAreEqualWhereTheyHaveTheSpacingOfTheFirst) {
  EXPECT_EQ(spacing_of({0, 1, 2, 3, 4, 7, 8, 9, 10, 11}, 2, "t", Stored::float32).mean, 1);
  const auto two = spacing_of({0, 1, 2, 3, 4, 0, 2, 4, 6, 8}, 2, "t", Stored::float32);
  EXPECT_FALSE(two.equal);
  EXPECT_EQ(two.mean, 1.5);
  EXPECT_EQ(two.most, 2);
}

TEST(TimeAxis, TimesThatDoNotIncreaseAreRefusedHoweverUnequalOthersAre) {
  for (const Times& t : {Times{0, 1, 1, 2}, Times{0, 1, .5, 2}, Times{3, 2, 1, 0}, Times{0, 1, 5, 4.9}})
    for (const auto stored : {Stored::float32, Stored::float64}) try {
        spacing_of(t, 1, "here", stored);
        ADD_FAILURE();
      } catch (const DataError& error) {
        const std::string what = error.what();
        EXPECT_EQ(what.rfind("here: trajectory 0, snapshot ", 0), 0u) << what;
        EXPECT_NE(what.find("increasing"), std::string::npos) << what;
      }
  EXPECT_THROW(spacing_of({0, 1, 2, 0, 1, 1}, 2, "here", Stored::float64), DataError);
}

TEST(TimeAxis, TrajectoriesThatBeginElsewhereHaveTheSameTimesSinceTheirFirst) {
  EXPECT_TRUE(same_since_first({0, .3, 1, 7, 7.3, 8}, 2));
  EXPECT_FALSE(same_since_first({0, .3, 1, 7, 7.4, 8}, 2));
  EXPECT_TRUE(same_since_first({0, .3, 1}, 1));
}

}  // namespace
}  // namespace msde
