#include "msde/core/files/hash.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

// The values of the tool xxh128sum: the identity of data does not depend on msde.
TEST(Hash, AgreesWithXxh128sum) {
  EXPECT_EQ(hash_text(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(hash_text("a").size(), 32u);
  EXPECT_NE(hash_text("a"), hash_text("b"));
}

TEST(Hash, FileEqualsTextAcrossBuffers) {
  const TestFolder folder;
  const std::string path = folder / "data.bin";
  std::string text(3'000'001, 'x');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 % 251);
  std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(hash_file(path), hash_text(text));
  std::filesystem::remove(path);
  EXPECT_THROW(hash_file(path), DataError);
}

TEST(Hash, FolderIsAnError) {
  EXPECT_THROW(hash_file(TestFolder().path()), DataError);
}

}  // namespace
}  // namespace msde
