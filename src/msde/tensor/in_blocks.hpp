// Many rows through an operation whose working memory is large.
#pragma once

#include <algorithm>

#include "msde/tensor/torch.hpp"

namespace msde {

// f(x) row by row of the first axis: in one call where gradients are recorded, which keep everything anyway,
// else in blocks of rows that need about 256 MiB, `values_per_row` float32 each, in the widest place.
template <class F>
torch::Tensor in_blocks(const torch::Tensor& x, int64_t values_per_row, F&& f) {
  constexpr int64_t kValues = int64_t{1} << 26;
  const int64_t most = std::max<int64_t>(1, kValues / std::max<int64_t>(1, values_per_row));
  if (x.size(0) <= most || torch::GradMode::is_enabled()) return f(x);
  torch::Tensor all;
  for (int64_t start = 0; start < x.size(0); start += most) {
    const auto block = f(x.narrow(0, start, std::min(most, x.size(0) - start)));
    if (!all.defined()) {
      auto shape = block.sizes().vec();
      shape[0] = x.size(0);
      all = torch::empty(shape, block.options());
    }
    all.narrow(0, start, block.size(0)).copy_(block);
  }
  return all;
}

}  // namespace msde
