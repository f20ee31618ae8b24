#include "msde/field/start_frame.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

TEST(StartFrame, finds_where_a_field_lies_and_moves_it_there_exactly) {
  const auto y = normal({3, Stream::test, 0}, {2, 12}, torch::kFloat);
  const StartFrame frame = {y, {12}};
  for (const int64_t s : {0, 1, 5, 11}) {
    const auto shifted = torch::roll(y, s, 1);
    EXPECT_EQ(frame.places(shifted), std::vector<int64_t>{s});
    EXPECT_TRUE(moved(shifted, {12}, {s}).equal(y));
    EXPECT_TRUE(moved(y, {12}, {s}, true).equal(shifted));
  }
  // Noise moves nothing where the field is clear.
  EXPECT_EQ(frame.places(torch::roll(y, 4, 1) + .2 * normal({3, Stream::test, 1}, {2, 12}, torch::kFloat)),
            std::vector<int64_t>{4});
}

TEST(StartFrame, moves_along_the_axes_that_have_a_period) {
  const auto y = normal({4, Stream::test, 0}, {1, 6, 8}, torch::kFloat);
  const StartFrame both = {y, {6, 8}}, second = {y, {0, 8}};
  const auto shifted = torch::roll(y, {2, 3}, {1, 2});
  EXPECT_EQ(both.places(shifted), (std::vector<int64_t>{2, 3}));
  EXPECT_TRUE(moved(shifted.unsqueeze(0), {6, 8}, {2, 3})[0].equal(y));
  EXPECT_EQ(second.places(torch::roll(y, 3, 2)), (std::vector<int64_t>{0, 3}));
  EXPECT_TRUE(moved(torch::roll(y, 3, 2), {0, 8}, {5, 3}).equal(y));
}

TEST(StartFrame, of_an_axis_that_ends_with_its_first_point_has_that_there_again) {
  const auto ring = normal({5, Stream::test, 0}, {1, 9}, torch::kFloat);
  const auto closed = [](const Tensor& x) { return torch::cat({x, x.narrow(1, 0, 1)}, 1); };
  const StartFrame frame = {closed(ring), {9}};
  for (const int64_t s : {0, 4, 8}) {
    const auto shifted = closed(torch::roll(ring, s, 1));
    EXPECT_EQ(frame.places(shifted), std::vector<int64_t>{s});
    EXPECT_TRUE(moved(shifted, {9}, {s}).equal(closed(ring)));
    EXPECT_TRUE(moved(closed(ring), {9}, {s}, true).equal(shifted));
  }
}

TEST(StartFrame, leaves_fields_where_no_place_is_more_alike) {
  const auto y = normal({6, Stream::test, 0}, {1, 10}, torch::kFloat);
  EXPECT_EQ((StartFrame{y, {10}}.places(torch::full({1, 10}, 3.f))), std::vector<int64_t>{0});
  EXPECT_EQ((StartFrame{torch::full({1, 10}, 3.f), {10}}.places(y)), std::vector<int64_t>{0});
  EXPECT_EQ((StartFrame{y, {10}}.places(torch::full({1, 10}, std::nanf("")))), std::vector<int64_t>{0});
}

}  // namespace
}  // namespace msde
