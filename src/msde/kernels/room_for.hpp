// Memory to work in, not initialised.
#pragma once

#include <cstdint>
#include <memory>

namespace msde {

inline std::unique_ptr<float[]> room_for(int64_t floats) {
  return std::make_unique_for_overwrite<float[]>(static_cast<size_t>(floats));
}

}  // namespace msde
