#include "msde/run/version.hpp"

namespace msde {

std::string version() {
  return MSDE_VERSION;
}

}  // namespace msde
