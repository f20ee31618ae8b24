#include "apps/msde/flags/rank_variables.hpp"

#include <gtest/gtest.h>

namespace msde {
namespace {

TEST(rank_variables, the_first_node_of_slurms_lists) {
  EXPECT_EQ(first_node("node7"), "node7");
  EXPECT_EQ(first_node("a1,b2"), "a1");
  EXPECT_EQ(first_node("node[03-07,9],other1"), "node03");
  EXPECT_EQ(first_node("r[1-2]n[08,11]-ib,r9"), "r1n08-ib");
  EXPECT_EQ(first_node("node[3]"), "node3");
  EXPECT_EQ(first_node(""), "");
  EXPECT_EQ(first_node("node[03-07"), "");
}

TEST(rank_variables, tasks_of_slurms_nodes) {
  EXPECT_EQ(tasks_of_node("2", 0), 2);
  EXPECT_EQ(tasks_of_node("4(x2),3", 0), 4);
  EXPECT_EQ(tasks_of_node("4(x2),3", 1), 4);
  EXPECT_EQ(tasks_of_node("4(x2),3", 2), 3);
  for (const char* none : {"", "x", "4(xq)", "4(x2)"})
    EXPECT_EQ(tasks_of_node(none, 5), std::nullopt) << none;
}

}  // namespace
}  // namespace msde
