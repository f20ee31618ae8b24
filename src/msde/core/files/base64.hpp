// Base64 (RFC 4648), four characters for three bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace msde {

// Characters of one stream that holds so many bytes.
constexpr int64_t base64_length(int64_t bytes) {
  return (bytes + 2) / 3 * 4;
}

// The bytes of whole groups of four characters, of which the last may be padded with '='; nothing where a character
// has no place there.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace msde
