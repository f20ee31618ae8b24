#include "msde/core/files/atomic_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "msde/core/error.hpp"
#include "msde/core/files/hdf5.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public testing::Test {
 protected:
  int entries() const { return std::distance(fs::directory_iterator(folder_), fs::directory_iterator()); }

  TestFolder scratch_;
  const std::string folder_ = scratch_.path();
  const std::string path_ = scratch_ / "result.txt";
};

TEST_F(AtomicFile, WritesAndReplaces) {
  write_text_atomically(path_, "one");
  write_text_atomically(path_, std::string("t\0wo", 4));
  EXPECT_EQ(read_text(path_), std::string("t\0wo", 4));
  EXPECT_EQ(entries(), 1);
}

TEST_F(AtomicFile, FailureKeepsTheOldFileAndLeavesNothing) {
  write_text_atomically(path_, "good");
  const auto fail = [](const std::string& temporary) {
    std::ofstream(temporary) << "half";
    throw std::runtime_error("stop");
  };
  EXPECT_THROW(write_atomically(path_, fail), std::runtime_error);
  EXPECT_EQ(read_text(path_), "good");
  EXPECT_EQ(entries(), 1);
}

TEST_F(AtomicFile, ErrorsNameThePath) {
  const std::string absent = folder_ + "/no/such/file";
  for (const auto& action : {std::function<void()>([&] { write_text_atomically(absent, "x"); }),
                             std::function<void()>([&] { read_text(absent); }),
                             std::function<void()>([&] { read_text(folder_); })}) {
    try {
      action();
      ADD_FAILURE();
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find(folder_), std::string::npos) << error.what();
    }
  }
  fs::create_directory(path_);
  EXPECT_THROW(write_text_atomically(path_, "x"), DataError);  // a folder is not replaced
  EXPECT_EQ(entries(), 1);
}

// A full disk, played by a limit on the size of files: an error, no crash, the old file is whole.
TEST_F(AtomicFile, FullDisk) {
  write_text_atomically(path_, "good");
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100'000, 100'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    int failures = 0;
    try {
      write_text_atomically(path_, std::string(200'000, 'x'));
    } catch (const DataError&) {
      ++failures;
    }
    try {
      write_atomically(path_, [](const std::string& temporary) {
        auto file = hdf5::File::create(temporary);
        file.write<float>("x", {100'000}, std::vector<float>(100'000, 1.f));
        file.close();
      });
    } catch (const DataError&) {
      ++failures;
    }
    std::_Exit(failures == 2 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_text(path_), "good");
  EXPECT_EQ(entries(), 1);
}

TEST_F(AtomicFile, RemovesOnlyStaleTemporaries) {
  const pid_t dead = fork();
  if (dead == 0) std::_Exit(0);
  waitpid(dead, nullptr, 0);
  fs::create_directories(folder_ + "/deep");
  const std::string stale = folder_ + "/deep/a.h5.tmp-" + std::to_string(dead);
  const std::string living = folder_ + "/a.h5.tmp-" + std::to_string(getppid());
  for (const auto& path : {stale, living, folder_ + "/notes.tmp-x", folder_ + "/data.tmp-", path_}) {
    std::ofstream(path) << "x";
  }
  remove_stale_temporaries(folder_);
  EXPECT_FALSE(fs::exists(stale));
  EXPECT_TRUE(fs::exists(living));
  EXPECT_EQ(entries(), 5);  // living, notes, data, result and the folder deep
  remove_stale_temporaries(folder_ + "/absent");
}

}  // namespace
}  // namespace msde
