// Text of files, as a terminal can stand it.
#pragma once

#include <cstddef>
#include <string>

namespace msde {

// Control characters become spaces; at most so many bytes, then " ..".
std::string printable(std::string text, size_t longest = 200);

}  // namespace msde
