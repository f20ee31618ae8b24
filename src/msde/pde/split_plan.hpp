// Which snapshots of which trajectory belong to which split.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/pde/cases.hpp"

namespace msde {

struct PlannedSplit {
  std::string name;                    // "train", "val", "test", "beyond"
  uint64_t number = 0;                 // part of the random keys: never renumber
  int64_t first = 0, n_snapshots = 0;  // of each of its trajectories, counted in what is computed
  std::vector<double> mu;              // of each
  int64_t n_trajectories() const { return static_cast<int64_t>(mu.size()); }
};

// A trajectory that is computed, and the splits that take a part of it.
struct PlannedTrajectory {
  struct Part {
    size_t split;   // in SplitPlan::splits
    int64_t index;  // of the trajectory in the split
  };
  double mu = 0;
  int64_t n_snapshots = 0;
  std::vector<Part> parts;  // in the order of time
};

struct SplitPlan {
  std::vector<PlannedSplit> splits;
  std::vector<PlannedTrajectory> trajectories;  // in the order of the splits
  std::vector<double> times;                    // of the longest trajectory, from its first snapshot
};

// Every split has its own trajectories, over the whole time of the case. Of a case in a stream test
// trajectories go on for options.n_beyond snapshots, which are the split "beyond"; and where it is cut in
// time, train, val and test are parts of one: val and test a fifteenth each, two snapshots at least, train
// what is before them.
SplitPlan split_plan(const Case& row, const GenerateOptions& options);

}  // namespace msde
