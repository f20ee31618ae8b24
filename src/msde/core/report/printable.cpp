#include "msde/core/report/printable.hpp"

namespace msde {

std::string printable(std::string text, size_t longest) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 127) c = ' ';
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xc0) == 0x80)
    --longest;  // inside a character
  return text.substr(0, longest) + " ..";
}

}  // namespace msde
