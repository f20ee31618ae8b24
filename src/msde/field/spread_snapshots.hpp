// A sample of the snapshots of a split.
#pragma once

#include <string>

#include "msde/field/dataset.hpp"

namespace msde {

// Snapshots spread evenly over trajectories and times, [m, n_y] float64: about `most`, fewer, but two, where they are more
// than 2^22 values. Missing values are 0.
torch::Tensor spread_snapshots(const Dataset& data, const std::string& split, int64_t most);

}  // namespace msde
