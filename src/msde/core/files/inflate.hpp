// Data compressed by zlib (RFC 1950).
#pragma once

#include <cstdint>
#include <string_view>

namespace msde {

// No stream of so many bytes holds more than this: deflate gives at most 1032 for one.
constexpr int64_t most_inflated(int64_t bytes) {
  return bytes > INT64_MAX / 1033 ? INT64_MAX : 1033 * bytes;
}

// Writes the `count` bytes that the stream holds to `out`; false where it is damaged or holds more or fewer. Nothing is
// written beyond them.
bool inflate_exactly(std::string_view stream, int64_t count, char* out);

}  // namespace msde
