#include "msde/core/files/base64.hpp"

#include <gtest/gtest.h>

namespace msde {
namespace {

TEST(base64, the_vectors_of_rfc_4648) {
  for (const auto& [text, bytes] : {std::pair{"", ""},
                                    {"Zg==", "f"},
                                    {"Zm8=", "fo"},
                                    {"Zm9v", "foo"},
                                    {"Zm9vYg==", "foob"},
                                    {"Zm9vYmE=", "fooba"},
                                    {"Zm9vYmFy", "foobar"}}) {
    EXPECT_EQ(from_base64(text), std::string(bytes)) << text;
    EXPECT_EQ(base64_length(static_cast<int64_t>(std::string(bytes).size())),
              static_cast<int64_t>(std::string(text).size()));
  }
  EXPECT_EQ(from_base64("////+++A"), std::string("\xff\xff\xff\xfb\xef\x80"));
}

TEST(base64, what_has_no_place_there) {
  for (const char* text :
       {"Z", "Zg=", "Zg", "Z===", "====", "Zg==Zm8=", "Zm 9", "Zm9\n", "Zm-_", "Zm9v\xff\x80\x01 "})
    EXPECT_FALSE(from_base64(text)) << text;
}

}  // namespace
}  // namespace msde
