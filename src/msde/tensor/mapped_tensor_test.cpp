#include "msde/tensor/mapped_tensor.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"

namespace msde {
namespace {

TEST(MappedZeros, behaves_like_any_tensor_and_leaves_no_file) {
  const TestFolder folder;
  ::setenv("TMPDIR", folder.path().c_str(), 1);
  auto x = mapped_zeros({3, 5, 7});
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(x.abs().max().item<float>(), 0);
  x[1].fill_(2);
  EXPECT_EQ(x.sum().item<float>(), 70);
  EXPECT_TRUE(x.select(0, 1).equal(torch::full({5, 7}, 2.f)));
  ::unsetenv("TMPDIR");
}

TEST(MappedZeros, a_folder_that_cannot_hold_it_is_an_error) {
  ::setenv("TMPDIR", "/nonexistent", 1);
  EXPECT_THROW(mapped_zeros({4}), DataError);
  ::setenv("TMPDIR", "/var/tmp", 1);
  EXPECT_THROW(mapped_zeros({int64_t{1} << 46}), DataError);
  ::unsetenv("TMPDIR");
}

}  // namespace
}  // namespace msde
