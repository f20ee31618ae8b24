#include "msde/core/report/log.hpp"

#include <gtest/gtest.h>

namespace msde {
namespace {

std::string messages(bool quiet, bool verbose) {
  testing::internal::CaptureStderr();
  start_logging(quiet, verbose);
  spdlog::debug("detail");
  spdlog::info("news");
  spdlog::warn("careful");
  spdlog::error("bad");
  return testing::internal::GetCapturedStderr();
}

TEST(Log, PlainLinesOnStderr) {
  EXPECT_EQ(messages(false, false), "msde: news\nmsde: warning: careful\nmsde: error: bad\n");
  EXPECT_EQ(messages(true, false), "msde: warning: careful\nmsde: error: bad\n");
  EXPECT_EQ(messages(false, true), "msde: detail\nmsde: news\nmsde: warning: careful\nmsde: error: bad\n");
}

}  // namespace
}  // namespace msde
