#include "msde/field/spread_snapshots.hpp"

#include <algorithm>
#include <vector>

#include "msde/tensor/evenly_spread.hpp"

namespace msde {

torch::Tensor spread_snapshots(const Dataset& data, const std::string& split, int64_t most) {
  constexpr int64_t kMostValues =
      int64_t{1} << 22;  // not of data.memory: what is chosen from them does not depend on it
  const auto shape = data.split(split);
  const int64_t m = std::clamp<int64_t>(kMostValues / data.grid().size(), 2, std::max<int64_t>(2, most));
  const auto trajectories = evenly_spread(shape.n_trajectories, m);
  const auto snapshots = evenly_spread(shape.n_snapshots, std::max<int64_t>(2, m / trajectories.numel()));
  std::vector<torch::Tensor> rows;
  for (int64_t i = 0; i < trajectories.numel(); ++i)
    for (int64_t k = 0; k < snapshots.numel(); ++k)
      rows.push_back(
          data.fields(split, trajectories[i].item<int64_t>(), snapshots[k].item<int64_t>(), 1).flatten(1));
  return torch::cat(rows).to(torch::kDouble).nan_to_num(0);
}

}  // namespace msde
