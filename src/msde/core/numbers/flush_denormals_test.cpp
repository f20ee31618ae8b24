#include "msde/core/numbers/flush_denormals.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace msde {
namespace {

// Not before or after it is called.
[[gnu::noinline]] float product(volatile float a, volatile float b) {
  return a * b;
}

TEST(FlushDenormals, ProductsTooSmallAreZeroHereAndInThreadsStartedHereAndOnlyForAsLong) {
#if !defined(__SSE2__)
  GTEST_SKIP() << "for x86 alone";
#endif
  EXPECT_GT(product(1e-25F, 1e-15F), 0);
  {
    const FlushDenormals flushed;
    EXPECT_EQ(product(1e-25F, 1e-15F), 0);
    EXPECT_EQ(product(1e-40F, 1e10F), 0);
    EXPECT_EQ(product(1e-20F, 1e-15F), 1e-20F * 1e-15F);
    float of_thread = 1;
    std::thread([&] { of_thread = product(1e-25F, 1e-15F); }).join();
    EXPECT_EQ(of_thread, 0);
  }
  EXPECT_GT(product(1e-25F, 1e-15F), 0);
}

}  // namespace
}  // namespace msde
