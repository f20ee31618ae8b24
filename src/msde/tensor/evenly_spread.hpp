// A few of many, for what need not look at all of them.
#pragma once

#include <algorithm>

#include "msde/tensor/torch.hpp"

namespace msde {

// int64 [min(n, most)], increasing: numbers of 0 .. n - 1, as far apart as can be, the first and the last among them.
inline torch::Tensor evenly_spread(int64_t n, int64_t most) {
  return torch::linspace(0, static_cast<double>(n - 1), std::min(n, most), torch::kDouble)
      .round()
      .to(torch::kLong);
}

}  // namespace msde
