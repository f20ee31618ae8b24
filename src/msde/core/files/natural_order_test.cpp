#include "msde/core/files/natural_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace msde {
namespace {

TEST(NaturalOrder, CountsAsPeopleDo) {
  for (const std::vector<std::string>& expected :
       {std::vector<std::string>{"traj_1", "traj_2", "traj_10", "traj_11"},
        {"0000", "0001", "9999", "10000"},
        {"1", "01", "2", "02"},
        {"a", "a1", "a1b", "a2", "b"},
        {"run2_t9", "run2_t10", "run10_t1"},
        {"", "0", "x"}}) {
    auto names = expected;
    std::reverse(names.begin(), names.end());
    std::sort(names.begin(), names.end(),
              [](const auto& a, const auto& b) { return in_natural_order(a, b); });
    EXPECT_EQ(names, expected);
  }
  EXPECT_FALSE(in_natural_order("a7", "a7"));
}

}  // namespace
}  // namespace msde
