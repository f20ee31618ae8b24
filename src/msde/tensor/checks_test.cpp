#include "msde/tensor/checks.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace msde {
namespace {

TEST(checks, a_fitting_shape_has_no_problem) {
  const auto x = torch::zeros({4, 3, 20});
  EXPECT_EQ(shape_problem("x", x, {4, 3, 20}), "");
  EXPECT_EQ(shape_problem("x", x, {any_size, 3, any_size}), "");
  EXPECT_EQ(shape_problem("scalar", torch::zeros({}), {}), "");
}

TEST(checks, a_wrong_shape_names_what_got_and_expected) {
  const auto x = torch::zeros({4, 3, 20});
  EXPECT_EQ(shape_problem("first snapshot", x, {any_size, 1, 20}),
            "first snapshot: got shape [4, 3, 20], expected [*, 1, 20]");
  EXPECT_EQ(shape_problem("x", x, {4, 3}), "x: got shape [4, 3, 20], expected [4, 3]");
  EXPECT_EQ(shape_problem("x", {}, {4}), "x: got nothing, expected shape [4]");
}

TEST(checks, the_first_value_that_is_not_finite_is_named) {
  auto x = torch::zeros({2, 3});
  EXPECT_EQ(finite_problem("x", x), "");
  x[1][0] = std::numeric_limits<float>::infinity();
  x[1][2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(finite_problem("forecast", x),
            "forecast: got inf at index [1, 0] of shape [2, 3] (2 of 6 values are not finite), "
            "expected finite values");
}

TEST(checks, finite_values_with_an_infinite_sum_are_finite) {
  EXPECT_EQ(finite_problem("x", torch::full({4}, 3e38f)), "");
}

TEST(checks, an_empty_tensor_is_finite) {
  EXPECT_EQ(finite_problem("mu", torch::empty({4, 0})), "");
}

TEST(checks, the_caller_chooses_the_error) {
  const auto bad = torch::full({1}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_THROW(check_finite("x", bad), NumericsError);
  EXPECT_THROW(check_finite<DataError>("x", bad), DataError);
  EXPECT_THROW(check_shape("x", bad, {2}), DataError);
  EXPECT_THROW(check_shape<ModelFormatError>("x", bad, {2}), ModelFormatError);
  EXPECT_NO_THROW(check_shape("x", bad, {1}));
}

}  // namespace
}  // namespace msde
