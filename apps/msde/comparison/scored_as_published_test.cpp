#include "apps/msde/comparison/scored_as_published.hpp"

#include <gtest/gtest.h>

#include "msde/core/error.hpp"

namespace msde {
namespace {

TEST(Published, scoring_counts_the_given_frame_and_averages_noisy_draws) {
  const auto kdv = published_scoring("kdv_1d");
  EXPECT_EQ(kdv.classical.first_frame, 0);
  EXPECT_EQ(kdv.classical.drop_last, 0);
  EXPECT_EQ(kdv.learned.drop_last, 1);  // 1000 of 1001 snapshots
  EXPECT_EQ(kdv.of_baseline("pod_sindy").drop_last, 0);
  for (const char* name : {"shallow_water_2d", "cylinder_2d"}) {
    const auto scoring = published_scoring(name);
    EXPECT_EQ(scoring.of_baseline("pod_sindy").drop_last, 1) << name;  // 100 of 101, 99 of 100 snapshots
    EXPECT_EQ(scoring.of_baseline("dmd").drop_last, 0) << name;
    EXPECT_NE(scoring.of_baseline("pod_sindy").meaning, scoring.of_baseline("dmd").meaning) << name;
  }
  EXPECT_EQ(published_scoring("burgers_2d").of_baseline("pod_sindy").drop_last, 0);
  EXPECT_EQ(kdv.learned.mean_of_members * kdv.learned.decoder_draws, 4096);
  EXPECT_EQ(published_scoring("wave_1d").scheme, "euler_maruyama");
  EXPECT_THROW(published_scoring("mine"), ConfigError);
  for (const std::vector<int64_t>& grid : {std::vector<int64_t>{320, 80}, {80, 320}})  // either order of axes
    EXPECT_EQ(published_rel_l2("cylinder_2d", "dmd", {grid, 2, 512, 5, 100})->mean, .016);
  const ComparedSizes wave = {{1000}, 1, 20, 5, 201};
  EXPECT_FALSE(published_rel_l2("wave_1d", "persistence", wave).has_value());
  EXPECT_EQ(published_rel_l2("wave_1d", "multiscale", wave)->mean, .079);
  for (const ComparedSizes& other : {ComparedSizes{{500}, 1, 20, 5, 201},
                                     {{1000}, 2, 20, 5, 201},
                                     {{1000}, 1, 10, 5, 201},
                                     {{1000}, 1, 20, 4, 201},
                                     {{1000}, 1, 20, 5, 1001}})
    EXPECT_FALSE(published_rel_l2("wave_1d", "multiscale", other).has_value());
}

}  // namespace
}  // namespace msde
