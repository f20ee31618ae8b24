#include "msde/core/files/byte_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

TEST(byte_file, reads_what_is_there_and_nothing_else) {
  const TestFolder folder;
  std::ofstream(folder / "a") << "0123456789";
  const ByteFile file(folder / "a");
  EXPECT_EQ(file.size(), 10);
  EXPECT_EQ(file.bytes(3, 4), "3456");
  EXPECT_EQ(file.bytes(10, 0), "");
  for (const auto& [offset, count] :
       {std::pair<int64_t, int64_t>{8, 3}, {-1, 2}, {0, -1}, {11, 0}, {5, INT64_MAX}, {INT64_MAX, 5}})
    EXPECT_THROW(file.bytes(offset, count), DataError) << offset << " " << count;
}

TEST(byte_file, only_regular_files) {
  const TestFolder folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {pipe, folder.path(), folder / "absent", std::string("/dev/zero")})
    EXPECT_THROW(ByteFile{path}, DataError) << path;
}

}  // namespace
}  // namespace msde
