#include "msde/core/files/inflate.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace msde {
namespace {

std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string stream(size, '\0');
  compress(reinterpret_cast<Bytef*>(stream.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
           bytes.size());
  stream.resize(size);
  return stream;
}

bool inflates(const std::string& stream, const std::string& expected) {
  std::string out(expected.size() + 1, '#');
  return inflate_exactly(stream, static_cast<int64_t>(expected.size()), out.data()) && out == expected + "#";
}

TEST(inflate, gives_what_went_in) {
  EXPECT_TRUE(inflates(deflated("fields"), "fields"));
  EXPECT_TRUE(inflates(deflated(std::string(1 << 20, '\0')), std::string(1 << 20, '\0')));
  EXPECT_TRUE(inflates(deflated(""), ""));
}

TEST(inflate, another_number_of_bytes_and_damage) {
  const auto stream = deflated("fields");
  std::string out(16, '#');
  for (const int64_t count : {0, 5, 7}) EXPECT_FALSE(inflate_exactly(stream, count, out.data())) << count;
  EXPECT_EQ(out.substr(7), std::string(9, '#'));
  EXPECT_FALSE(inflate_exactly("", 0, out.data()));
  EXPECT_FALSE(inflate_exactly(stream.substr(0, stream.size() - 1), 6, out.data()));
  EXPECT_FALSE(inflate_exactly("no zlib stream", 6, out.data()));
  auto damaged = stream;
  damaged[4] ^= 1;
  EXPECT_FALSE(inflate_exactly(damaged, 6, out.data()));
}

TEST(inflate, the_bound_holds_for_what_compresses_best) {
  const int64_t size = 1 << 22;
  EXPECT_LE(size, most_inflated(static_cast<int64_t>(deflated(std::string(size, '\0')).size())));
}

}  // namespace
}  // namespace msde
