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
  round_to_float(stored);
  return stored;
}

TEST(TimeAxis, RoundedTimesAreEquallySpaced) {
  for (const double offset : {0., 100., -3.}) {
    const auto t = offset + torch::linspace(0, 1, 1001, torch::kDouble);
    EXPECT_NEAR(equal_spacing(as_stored(t), 1, "t"), .001, 1e-7);
  }
  EXPECT_NO_THROW(equal_spacing(as_stored(torch::arange(0, 13, .01, torch::kDouble)), 1, "t"));
}

TEST(TimeAxis, TimesSummedInFloat32AreEquallySpaced) {
  auto t = torch::zeros({1001});
  for (int64_t i = 1; i < 1001; ++i) t[i] = t[i - 1] + .001f;
  EXPECT_NO_THROW(equal_spacing(as_stored(t), 1, "t"));
}

TEST(TimeAxis, ToleranceIsEightUlps) {
  EXPECT_DOUBLE_EQ(time_tolerance(1), 8 * std::pow(2., -23));
  EXPECT_DOUBLE_EQ(time_tolerance(-1000), 8 * std::pow(2., 9 - 23));
  auto t = as_stored(torch::linspace(0, 1, 11, torch::kDouble));
  const double ulp = std::pow(2., -24);  // at t = .5
  t[5] += 5 * ulp;
  EXPECT_NO_THROW(equal_spacing(t, 1, "t"));
  t[5] += 35 * ulp;
  EXPECT_THROW(equal_spacing(t, 1, "t"), DataError);
}

TEST(TimeAxis, EveryTrajectoryHasTheSpacingOfTheFirst) {
  EXPECT_EQ(equal_spacing({0, 1, 2, 3, 4, 7, 8, 9, 10, 11}, 2, "t"), 1);
  EXPECT_THROW(equal_spacing({0, 1, 2, 3, 4, 0, 2, 4, 6, 8}, 2, "t"), DataError);
}

}  // namespace
}  // namespace msde
