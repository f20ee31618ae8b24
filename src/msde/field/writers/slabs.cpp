#include "msde/field/writers/slabs.hpp"

#include <algorithm>

namespace msde {

std::vector<DatasetSlab> slabs_of(const Dataset& data) {
  constexpr int64_t kValues = int64_t{16} << 20;  // 64 MiB of float32, 128 of float64
  const int64_t step = std::max<int64_t>(1, kValues / data.grid().size());
  std::vector<DatasetSlab> slabs;
  for (const std::string split : {"train", "val", "test"}) {
    if (!data.has_split(split)) continue;
    const auto shape = data.split(split);
    for (int64_t i = 0; i < shape.n_trajectories; ++i)
      for (int64_t start = 0; start < shape.n_snapshots; start += step)
        slabs.push_back({split, i, start, std::min(step, shape.n_snapshots - start)});
  }
  return slabs;
}

}  // namespace msde
