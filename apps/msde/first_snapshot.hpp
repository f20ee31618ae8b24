// The user's own first snapshots, from which a trained model predicts without any truth.
#pragma once

#include <torch/torch.h>

#include <string>

#include "msde/field/grid.hpp"

namespace msde {

// Reads FILE.npy, or FILE.h5 with a dataset named x, test_x or its only dataset. Shapes: [*grid] (one
// channel), [C, *grid], [N, C, *grid], or whole trajectories [N, T, C, *grid] of which the first snapshot is
// taken; with one channel also [N, *grid]. Returns [N, C, *grid] float32. DataError: unreadable, other shape,
// values not finite.
torch::Tensor read_first_snapshots(const std::string& path, const Grid& grid);

}  // namespace msde
