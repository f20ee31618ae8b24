#include "msde/core/files/utf8.hpp"

#include <cstdint>

namespace msde {

bool is_utf8(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const auto first = static_cast<uint8_t>(bytes[i++]);
    const int more = first < 0x80   ? 0
                     : first < 0xC0 ? -1
                     : first < 0xE0 ? 1
                     : first < 0xF0 ? 2
                     : first < 0xF8 ? 3
                                    : -1;
    if (more < 0 || bytes.size() - i < static_cast<size_t>(more)) return false;
    uint32_t code = more == 0 ? first : first & (0x3F >> more);
    for (int k = 0; k < more; ++k) {
      const auto next = static_cast<uint8_t>(bytes[i++]);
      if ((next & 0xC0) != 0x80) return false;
      code = code << 6 | (next & 0x3F);
    }
    constexpr uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};  // that needs so many bytes
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    if (code < kLeast[more] || code > 0x10FFFF || surrogate) return false;
  }
  return true;
}

}  // namespace msde
