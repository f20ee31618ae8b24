// Means over the snapshots of the training split: what any forecast must beat.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "msde/field/dataset.hpp"

namespace msde {

struct GroupMeans {
  torch::Tensor means;  // float64 [groups, C, *grid], of the values that are there; 0 of a group without any
  std::vector<int64_t> snapshots;  // of every group
};

// Means of groups of snapshots, each belonging to the group of its time. A value that no snapshot of its group has is
// the mean of all groups there, one that none has the mean of its channel. DataError where there is no training split; Stopped.
GroupMeans training_means(const Dataset& data, int64_t groups,
                          const std::function<int64_t(double time)>& group_of);

torch::Tensor training_mean(const Dataset& data);  // of all, float64 [C, *grid]

}  // namespace msde
