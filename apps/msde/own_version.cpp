#include "apps/msde/version.hpp"

namespace msde {

std::string version() {
  return MSDE_VERSION;
}

}  // namespace msde
