#include "msde/core/options/nearest.hpp"

#include <gtest/gtest.h>

namespace msde {
namespace {

TEST(Nearest, CountsEdits) {
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("trian", "train"), 1);  // one swap
  EXPECT_EQ(edit_distance("same", "same"), 0);
}

TEST(Nearest, FindsTheNearName) {
  const std::vector<std::string> keys = {"train.lr", "train.max_steps", "rollout.max_steps", "model.n_zeta"};
  EXPECT_EQ(nearest("train.lrr", keys), "train.lr");
  EXPECT_EQ(nearest("trian.lr", keys), "train.lr");
  EXPECT_EQ(nearest("lr", keys), "train.lr");
  EXPECT_EQ(nearest("model.nzeta", keys), "model.n_zeta");
  EXPECT_EQ(nearest("banana", keys), "");
  EXPECT_EQ(nearest("x", {}), "");
  EXPECT_EQ(did_you_mean("train.lrr", keys), " (did you mean 'train.lr'?)");
  EXPECT_EQ(did_you_mean("banana", keys), "");
}

}  // namespace
}  // namespace msde
