// A box of an array: `count[i]` values from `start[i]` along axis i.
#pragma once

#include <cstdint>
#include <vector>

namespace msde {

struct Slab {
  std::vector<int64_t> start, count;
};

}  // namespace msde
