#include "msde/infer/time_steps.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace msde {
namespace {

TEST(TimeSteps, follow_what_changes) {
  const auto slow = choose_time_steps({}, {.change = .001, .n_snapshots = 1001});
  EXPECT_EQ(slow.window, 64);
  EXPECT_EQ(slow.stride, 20);
  EXPECT_EQ(slow.stride_min, 20);
  EXPECT_EQ(slow.horizon_end, 800);
  EXPECT_EQ(slow.horizon_start, 160);
  const auto scored = choose_time_steps({}, {.change = .0235, .n_snapshots = 1001, .scored = 201});
  EXPECT_EQ(scored.stride, 8);
  EXPECT_EQ(scored.stride_min, 3);
  EXPECT_EQ(scored.horizon_end, 200);
  const auto fast = choose_time_steps({}, {.change = .6, .n_snapshots = 84});  // twelve snapshots a period
  EXPECT_EQ(fast.window, 26);
  EXPECT_EQ(fast.stride, 1);
  EXPECT_EQ(fast.stride_min, 1);
  EXPECT_EQ(fast.horizon_end, 40);
  EXPECT_EQ(fast.horizon_start, 8);
}

TEST(TimeSteps, stay_in_bounds_whatever_the_data) {
  for (const double change : {1e-300, 1e-9, .5, 1e3, 1e300})
    for (const int64_t T : {2, 3, 5, 40, 1000000}) {
      const auto s = choose_time_steps({}, {.change = change, .n_snapshots = T});
      EXPECT_GE(s.window, 4) << change << " " << T;
      EXPECT_LE(s.window, 64);
      EXPECT_GE(s.stride_min, 1);
      EXPECT_GE(s.stride, s.stride_min);
      EXPECT_LE(s.stride, 20);
      EXPECT_GE(s.horizon_end, s.horizon_start);
      EXPECT_GE(s.horizon_start, 1);
    }
}

TEST(TimeSteps, given_ones_stay_and_the_rest_fits_them) {
  TrainOptions o;
  o.rollout.stride = 5;
  o.rollout.horizon_start = 300;
  const auto s = choose_time_steps(o, {.change = .001, .n_snapshots = 1001});
  EXPECT_EQ(s.stride, 5);
  EXPECT_EQ(s.stride_min, 5);
  EXPECT_EQ(s.horizon_start, 300);
  EXPECT_EQ(s.horizon_end, 300);
  EXPECT_EQ(chosen_steps(o, s), "train.window = 64, rollout.stride_min = 5, rollout.horizon_end = 300");
  const auto in_force = with_time_steps(o, s);
  EXPECT_EQ(chosen_steps(in_force, s), "");
  EXPECT_EQ(time_steps_of(in_force).horizon_end, 300);
}

TEST(TimeSteps, a_given_least_stride_binds_the_stride) {
  TrainOptions o;
  o.rollout.stride_min = 5;
  EXPECT_EQ(choose_time_steps(o, {.change = .6, .n_snapshots = 84}).stride, 5);
}

TEST(TimeSteps, survive_json) {
  const TimeSteps s = {64, 8, 3, 40, 200};
  const auto back = steps_from_json(steps_to_json(s));
  EXPECT_EQ(back.window, 64);
  EXPECT_EQ(back.stride_min, 3);
  EXPECT_EQ(back.horizon_end, 200);
  auto wrong = steps_to_json(s);
  wrong["rollout.stride"] = -1;
  EXPECT_THROW(steps_from_json(wrong), std::out_of_range);
}

}  // namespace
}  // namespace msde
