#include "msde/core/report/progress.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "msde/core/report/log.hpp"

namespace msde {
namespace {

TEST(Progress, PlainLinesNowAndThen) {
  testing::internal::CaptureStderr();
  start_logging(false, false);
  {
    Progress progress("elbo", 1000, 0, 3600);
    for (int i = 1; i <= 1000; ++i) progress.update(i, "loss 1");
    progress.finish("loss -1.83");
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  EXPECT_EQ(text.rfind("msde: elbo 1000/1000  loss -1.83", 0), 0u) << text;
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

// After a resume the rate counts the steps of this process alone: 1 step in 20 ms or more, 99 to go.
TEST(Progress, EtaAfterResume) {
  testing::internal::CaptureStderr();
  start_logging(false, false);
  Progress progress("elbo", 1'000'000, 999'900, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  progress.update(999'901);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("999901/1000000"), std::string::npos) << text;
  EXPECT_EQ(text.find("ETA 00:00:00"), std::string::npos) << text;
  EXPECT_NE(text.find("ETA 00:"), std::string::npos) << text;
}

TEST(Progress, QuietSaysNothing) {
  testing::internal::CaptureStderr();
  start_logging(true, false);
  Progress progress("elbo", 2, 0, 0);
  progress.update(1);
  progress.finish();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  start_logging(false, false);
}

}  // namespace
}  // namespace msde
