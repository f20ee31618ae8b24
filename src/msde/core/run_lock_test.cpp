#include "msde/core/run_lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "msde/core/error.hpp"

namespace msde {
namespace {

class RunLockTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_ = testing::TempDir() + "run_lock";
};

TEST_F(RunLockTest, OneAtATime) {
  {
    const RunLock first(folder_);
    try {
      const RunLock second(folder_);
      ADD_FAILURE();
    } catch (const ConfigError& error) {
      EXPECT_NE(std::string(error.what()).find(std::to_string(getpid())), std::string::npos) << error.what();
    }
  }
  const RunLock again(folder_);
}

TEST_F(RunLockTest, KillReleases) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const RunLock lock(folder_);
    (void)!write(ready[1], "x", 1);
    pause();
  }
  char byte;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_THROW(RunLock{folder_}, ConfigError);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const RunLock lock(folder_);
  close(ready[0]);
  close(ready[1]);
}

TEST_F(RunLockTest, FolderMustExist) {
  EXPECT_THROW(RunLock(folder_ + "/absent"), ConfigError);
}

}  // namespace
}  // namespace msde
