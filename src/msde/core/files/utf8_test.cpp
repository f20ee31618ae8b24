#include "msde/core/files/utf8.hpp"

#include <gtest/gtest.h>

namespace msde {
namespace {

TEST(Utf8, KnowsTextFromOtherBytes) {
  for (const char* text : {"", "plain", "W\xC3\xA4rme", "\xE2\x82\xAC", "\xF0\x9F\x8C\x8A", "\xED\x9F\xBF"})
    EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* bytes :
       {"W\xE4rme", "\xC3", "\xE2\x82", "\xF0\x9F\x8C", "\x80", "\xFF", "\xC0\xAF" /* overlong */,
        "\xED\xA0\x80" /* surrogate */, "\xF4\x90\x80\x80" /* beyond Unicode */})
    EXPECT_FALSE(is_utf8(bytes));
}

}  // namespace
}  // namespace msde
