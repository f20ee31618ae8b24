// A periodic axis whose last point is its first one again.
#pragma once

#include <string>

#include "msde/grid/grid.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// DataError naming `path`, and how to leave it out, where along a periodic axis of `grid` the last value equals the
// first in all `snapshots` [S, C, *grid] though values there change, and their neighbours differ: fields that are
// symmetric, or at rest at both ends, are none of these.
void refuse_repeated_ends(const std::string& path, const Grid& grid, const torch::Tensor& snapshots);

}  // namespace msde
