#include "msde/field/windows.hpp"

#include <algorithm>
#include <string>

#include "msde/core/error.hpp"

namespace msde {

WindowChoice choose_windows(const SplitShape& split, int64_t length, int64_t count, const RandomKey& key) {
  if (length < 1)
    throw ConfigError("window: got " + std::to_string(length) + " snapshots, expected at least 1");
  if (count < 1)
    throw ConfigError("windows per step: got " + std::to_string(count) + ", expected at least 1");
  const int64_t T = split.n_snapshots, W = std::min(length, T);
  WindowChoice choice{torch::empty({count}, torch::kLong), torch::empty({count}, torch::kLong), W};
  auto* trajectory = choice.trajectory.data_ptr<int64_t>();
  auto* start = choice.start.data_ptr<int64_t>();
  for (int64_t b = 0; b < count; ++b) {
    const auto index = static_cast<uint64_t>(2 * b);
    trajectory[b] = uniform_integer(key, index, 0, split.n_trajectories - 1);
    start[b] = std::clamp<int64_t>(uniform_integer(key, index + 1, -(W - 1), T - 1), 0, T - W);
  }
  return choice;
}

}  // namespace msde
