// Applies a score of a whole ensemble to every frame of a block by itself.
#pragma once

#include <type_traits>
#include <vector>

#include "msde/eval/metrics/frame_block.hpp"

namespace msde {

// metric(members [M, 1, 1, C, *grid], truth [1, 1, C, *grid]) gives a number, or several -> [T, 1], or [T,
// Q].
template <class Metric>
torch::Tensor each_frame(const FrameFields& fields, Metric metric) {
  std::vector<torch::Tensor> rows;
  for (int64_t t = 0; t < fields.truth.size(1); ++t) {
    const auto value = metric(fields.members.narrow(2, t, 1), fields.truth.narrow(1, t, 1));
    if constexpr (std::is_same_v<decltype(value), const double>)
      rows.push_back(torch::full({1}, value, torch::kDouble));
    else
      rows.push_back(torch::tensor(value, torch::kDouble));
  }
  return torch::stack(rows);
}

}  // namespace msde
