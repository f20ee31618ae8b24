#include "msde/core/process/memory_plan.hpp"

#include <gtest/gtest.h>

#include "msde/core/error.hpp"

namespace msde {
namespace {

TEST(ParseBytes, KnowsUnits) {
  EXPECT_EQ(parse_bytes(""), 0);
  EXPECT_EQ(parse_bytes("1000"), 1000);
  EXPECT_EQ(parse_bytes("1GiB"), int64_t{1} << 30);
  EXPECT_EQ(parse_bytes("1.5MiB"), 3 << 19);
  EXPECT_EQ(parse_bytes("2GB"), 2000000000);
  for (const auto* bad : {"GiB", "1 GiB", "-1GiB", "1gib", "1GiBs", "nan", "1e30", "inf"})
    EXPECT_THROW(parse_bytes(bad), ConfigError) << bad;
}

TEST(MemoryPlan, StaysBelowWhatIsAllowed) {
  for (const int64_t allowed : {int64_t{640} << 20, int64_t{1} << 30, int64_t{4} << 30}) {
    const auto plan = memory_plan(allowed);
    // A cached split and its clean fields, coefficients of two splits, the blocks and copies that projection
    // makes.
    EXPECT_LT(2 * plan.cache_bytes + 2 * plan.coefficient_bytes + 6 * plan.block_bytes,
              allowed - (400 << 20));
    EXPECT_LT(plan.basis_bytes + 6 * plan.block_bytes, allowed);
    EXPECT_GT(plan.block_bytes, 1 << 20);
  }
  EXPECT_EQ(memory_plan(0).cache_bytes, MemoryPlan{}.cache_bytes);
  EXPECT_EQ(memory_plan(int64_t{1} << 40).coefficient_bytes, MemoryPlan{}.coefficient_bytes);
  EXPECT_THROW(memory_plan(1 << 20), ConfigError);
}

}  // namespace
}  // namespace msde
