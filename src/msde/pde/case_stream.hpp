// A case whose trajectories are handed over while they are computed, which may be cut in time.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// What is asked of one trajectory.
struct CaseRun {
  double mu = 0;
  int64_t n_snapshots = 2;
  int64_t cells_per_diameter = 20;
};

// Snapshots first, first + 1, .. of the trajectory, clean, float64 [count, C, *grid]; NaN where there is
// none.
using TakeSnapshots = std::function<void(int64_t first, const torch::Tensor& clean)>;

struct CaseStream {
  // Calls `take` with all snapshots in order, some at a time, on all threads.
  void (*simulate)(const CaseRun& run, const TakeSnapshots& take) = nullptr;
  double spacing = .01;                       // of snapshots: n_steps chooses the end
  std::vector<uint8_t> (*fluid)() = nullptr;  // [*grid], 1 where there is a field, 0 where there is none
};

}  // namespace msde
