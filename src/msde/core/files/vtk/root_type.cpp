#include "msde/core/files/vtk/root_type.hpp"

#include <algorithm>
#include <string_view>

#include "msde/core/error.hpp"
#include "msde/core/files/byte_file.hpp"

namespace msde::vtk {

std::string root_type(const std::string& path) try {
  constexpr int64_t kLookedAt = 4096;
  const ByteFile file(path);
  const std::string start = file.bytes(0, std::min(kLookedAt, file.size()));
  if (start.find_first_not_of(" \t\r\n\xef\xbb\xbf") != start.find('<')) return "";
  const size_t tag = start.find("<VTKFile");
  if (tag == std::string::npos) return "";
  const std::string_view attributes = std::string_view(start).substr(tag, start.find('>', tag) - tag);
  for (size_t at = attributes.find("type"); at != std::string_view::npos;
       at = attributes.find("type", at + 1)) {
    if (attributes[at - 1] == '_') continue;  // header_type
    const size_t quote = attributes.find_first_of("\"'", at);
    if (quote == std::string_view::npos) return "";
    const size_t end = attributes.find(attributes[quote], quote + 1);
    return end == std::string_view::npos ? "" : std::string(attributes.substr(quote + 1, end - quote - 1));
  }
  return "";
} catch (const DataError&) {
  return "";
}

}  // namespace msde::vtk
