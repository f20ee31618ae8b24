// The order in which a whole dataset is copied.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/field/dataset.hpp"

namespace msde {

struct DatasetSlab {
  std::string split;
  int64_t trajectory = 0, start = 0, count = 0;
};

// All snapshots of train, val and test, in this order, a trajectory after the other, in slabs of at most 64
// MiB or one snapshot.
std::vector<DatasetSlab> slabs_of(const Dataset& data);

}  // namespace msde
