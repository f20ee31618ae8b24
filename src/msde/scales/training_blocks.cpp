#include "msde/scales/training_blocks.hpp"

#include <algorithm>

#include "msde/core/process/signals.hpp"

namespace msde {

void for_each_block(const Dataset& data, const std::string& split,
                    const std::function<void(const torch::Tensor&)>& visit) {
  const auto shape = data.split(split);
  const int64_t all = shape.n_trajectories * shape.n_snapshots;
  const int64_t every = (all + kMostSnapshots - 1) / kMostSnapshots, rows = data.block_rows();
  if (every == 1) {
    for (int64_t trajectory = 0; trajectory < shape.n_trajectories; ++trajectory)
      for (int64_t start = 0; start < shape.n_snapshots; start += rows) {
        throw_if_interrupted();
        visit(data.fields(split, trajectory, start, std::min(rows, shape.n_snapshots - start)).flatten(1));
      }
    return;
  }
  auto block = torch::empty({rows, data.grid().size()}, torch::kFloat);
  int64_t filled = 0;
  const auto flush = [&] {
    if (filled > 0) visit(block.narrow(0, 0, filled));
    filled = 0;
  };
  for (int64_t trajectory = 0; trajectory < shape.n_trajectories; ++trajectory) {
    throw_if_interrupted();
    // Every trajectory begins its spread at another snapshot, so that all times are seen.
    const int64_t first = trajectory % std::min(every, shape.n_snapshots);
    for (int64_t snapshot = first; snapshot < shape.n_snapshots; snapshot += every) {
      block.narrow(0, filled, 1).copy_(data.fields(split, trajectory, snapshot, 1).flatten(1));
      if (++filled == rows) flush();
    }
  }
  flush();
}

}  // namespace msde
