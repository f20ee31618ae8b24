#include "msde/core/process/memory.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "msde/core/error.hpp"

namespace msde {
namespace {

TEST(AvailableMemory, is_positive_and_no_more_than_the_machine_has) {
  const int64_t machine = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  EXPECT_GT(available_memory(), 0);
  EXPECT_LE(available_memory(), machine);
}

TEST(RequireMemory, accepts_what_fits_and_names_what_does_not) {
  EXPECT_NO_THROW(require_memory("--members 2", 1024, "ask for fewer"));
  try {
    require_memory("--members 1000000", 1e18, "ask for fewer members");
    FAIL() << "an exabyte was granted";
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.rfind("--members 1000000: needs 9.31e+08 GiB of memory, ", 0), 0u) << text;
    EXPECT_NE(text.find("available; ask for fewer members"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace msde
