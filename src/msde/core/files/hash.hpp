// Content hashes (XXH3, 128 bits, as 32 hexadecimal digits): identity of data and configuration.
#pragma once

#include <string>

namespace msde {

std::string hash_text(const std::string& text);
std::string hash_file(const std::string& path);  // streamed; DataError if unreadable

}  // namespace msde
