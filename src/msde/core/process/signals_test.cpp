#include "msde/core/process/signals.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include "msde/core/error.hpp"

namespace msde {
namespace {

// Each runs in a process of its own: signals are global.
[[noreturn]] void stop_with(int signal) {
  install_signal_handlers();
  throw_if_interrupted();
  std::raise(signal);
  if (pending_signal() != signal) std::_Exit(1);
  try {
    throw_if_interrupted();
  } catch (const Stopped& stopped) {
    try {
      throw_interrupted("step 7");
    } catch (const Stopped& again) {
      const bool told = std::strstr(again.what(), "step 7") && again.code() == stopped.code();
      std::_Exit(told ? static_cast<int>(stopped.code()) : 1);
    }
  }
  std::_Exit(1);
}

TEST(SignalsDeathTest, FirstSignalIsRemembered) {
  EXPECT_EXIT(stop_with(SIGINT), testing::ExitedWithCode(130), "");
  EXPECT_EXIT(stop_with(SIGTERM), testing::ExitedWithCode(143), "");
}

TEST(SignalsDeathTest, SecondSignalEndsAtOnce) {
  const auto twice = [] {
    install_signal_handlers();
    std::raise(SIGTERM);
    std::raise(SIGINT);
    std::_Exit(1);
  };
  EXPECT_EXIT(twice(), testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace msde
