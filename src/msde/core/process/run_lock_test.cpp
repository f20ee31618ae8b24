#include "msde/core/process/run_lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

class RunLockTest : public testing::Test {
 protected:
  TestFolder scratch_;
  const std::string folder_ = scratch_.path();
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
  close(ready[1]);  // so that a child that dies early is an end of file, not an endless wait
  char byte;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_THROW(RunLock{folder_}, ConfigError);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const RunLock lock(folder_);
  close(ready[0]);
}

TEST_F(RunLockTest, FolderMustExist) {
  EXPECT_THROW(RunLock(folder_ + "/absent"), ConfigError);
}

}  // namespace
}  // namespace msde
