#include "msde/core/report/printable.hpp"

namespace msde {

std::string printable(std::string text) {
  constexpr size_t kMost = 200;
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 127) c = ' ';
  return text.size() > kMost ? text.substr(0, kMost) + " .." : text;
}

}  // namespace msde
