// Whether bytes are text in UTF-8, in which msde and JSON write it (RFC 3629).
#pragma once

#include <string_view>

namespace msde {

bool is_utf8(std::string_view bytes);

}  // namespace msde
