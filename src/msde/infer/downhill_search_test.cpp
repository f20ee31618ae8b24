#include "msde/infer/downhill_search.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace msde {
namespace {

// Scores |i - least|, counting who was asked.
struct Valley {
  double least;
  std::set<int> asked = {};
  double operator()(int i) {
    EXPECT_TRUE(asked.insert(i).second) << i << " was asked twice";
    EXPECT_TRUE(i >= 0 && i < 12) << i;
    return std::abs(i - least);
  }
};

TEST(DownhillSearch, finds_the_bottom_of_every_valley) {
  for (int least = 0; least < 12; ++least) {
    Valley valley{static_cast<double>(least)};
    const auto found = downhill_search([&](int i) { return valley(i); }, 12, {});
    EXPECT_EQ(found.i, least);
    EXPECT_EQ(found.score, 0);
    EXPECT_LE(valley.asked.size(), 8);
    for (int start = 0; start < 12; ++start) {
      Valley again{static_cast<double>(least)};
      const Candidate known{start, again.least > start ? again.least - start : start - again.least};
      again.asked.insert(start);  // known already
      EXPECT_EQ(downhill_search([&](int i) { return again(i); }, 12, known).i, least);
    }
  }
}

TEST(DownhillSearch, keeps_away_from_what_is_out_of_the_question) {
  const auto score = [](int i) { return i > 2 ? std::numeric_limits<double>::infinity() : 5. - i; };
  EXPECT_EQ(downhill_search(score, 12, {}).i, 2);
  const auto none = [](int) { return std::numeric_limits<double>::infinity(); };
  EXPECT_TRUE(std::isinf(downhill_search(none, 12, {}).score));
  EXPECT_EQ(downhill_search([](int) { return 3.; }, 1, {}).score, 3);
}

}  // namespace
}  // namespace msde
