#include "msde/field/formats/axis_roles.hpp"

#include <gtest/gtest.h>

namespace msde {
namespace {

using Order = std::vector<size_t>;

TEST(AxisRoles, PutMembersSamplesTimesAndChannelsFirst) {
  EXPECT_EQ(axis_order({"realization", "sample", "time", "channel", "x"}), Order{});
  EXPECT_EQ(axis_order({"sample", "realization", "time", "channel", "x"}), (Order{1, 0, 2, 3, 4}));
  EXPECT_EQ(axis_order({"Time", "trajectory", "lat", "lon", "component"}), (Order{1, 0, 4, 2, 3}));
  EXPECT_EQ(axis_order({"y", "x", "t"}), (Order{2, 0, 1}));
}

TEST(AxisRoles, AreNotGuessed) {
  EXPECT_EQ(axis_order({}), Order{});
  EXPECT_EQ(axis_order({"sample", "", "time"}), Order{});
  EXPECT_EQ(axis_order({"x", "time", "t"}), Order{});
  EXPECT_EQ(axis_order({"y", "x"}), Order{});
}

}  // namespace
}  // namespace msde
