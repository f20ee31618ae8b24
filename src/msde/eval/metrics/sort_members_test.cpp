#include "msde/eval/metrics/sort_members.hpp"

#include <gtest/gtest.h>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

TEST(sort_members, equals_the_sort_of_libtorch_for_every_number_of_members) {
  for (auto type : {torch::kFloat, torch::kDouble})
    for (int64_t M = 1; M <= 70; ++M) {
      const auto x = normal({1, Stream::test, static_cast<uint64_t>(M)}, {M, 37}, type);
      EXPECT_TRUE(torch::equal(sorted_members(x), std::get<0>(x.sort(0)))) << M;
    }
}

TEST(sort_members, equal_values_strips_and_views) {
  const auto x = (3 * normal({2, Stream::test, 0}, {9, 2000})).round();  // many ties, several strips
  EXPECT_TRUE(torch::equal(sorted_members(x), std::get<0>(x.sort(0))));
  const auto view = x.narrow(1, 3, 700);
  EXPECT_TRUE(torch::equal(sorted_members(view), std::get<0>(view.sort(0))));
  EXPECT_EQ(sorted_members(torch::empty({4, 0})).numel(), 0);
}

}  // namespace
}  // namespace msde
