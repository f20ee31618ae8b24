// Text of files, as a terminal can stand it.
#pragma once

#include <string>

namespace msde {

// Control characters become spaces; at most 200 characters, then " ..".
std::string printable(std::string text);

}  // namespace msde
