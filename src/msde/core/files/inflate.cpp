#include "msde/core/files/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace msde {

bool inflate_exactly(std::string_view stream, int64_t count, char* out) {
  z_stream z{};
  if (inflateInit(&z) != Z_OK) return false;
  constexpr size_t kPart = std::numeric_limits<uInt>::max();  // zlib counts what it is given in 32 bits
  size_t given = 0;
  int64_t asked = 0;
  char beyond = 0;  // room for a byte more, so that a stream that is longer shows
  int state = Z_OK;
  while (state == Z_OK) {
    if (z.avail_in == 0 && given < stream.size()) {
      const size_t part = std::min(kPart, stream.size() - given);
      z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stream.data() + given));
      z.avail_in = static_cast<uInt>(part), given += part;
    }
    if (z.avail_out == 0 && asked <= count) {
      const auto part = static_cast<uInt>(std::min<int64_t>(kPart, std::max<int64_t>(1, count - asked)));
      z.next_out = reinterpret_cast<Bytef*>(asked < count ? out + asked : &beyond);
      z.avail_out = part, asked += part;
    }
    state = inflate(&z, Z_NO_FLUSH);
  }
  const bool whole = state == Z_STREAM_END && asked - static_cast<int64_t>(z.avail_out) == count;
  inflateEnd(&z);
  return whole;
}

}  // namespace msde
