// The patches from which the local decoder builds microscale detail.
#pragma once

#include <vector>

#include "msde/field/dataset.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Leading POD modes of training snapshots seen through a cos^2 window two coarse cells wide around each
// coarse point (a partition of unity), shared by all cells, then placed at each cell and projected on V.
struct LocalModes {
  torch::Tensor modes;  // [cells * q, n] float32
  double scale = 1;     // rms of the leading coefficient
};
// Values in one patch: no more modes than that.
int64_t patch_size(const Grid& grid, const std::vector<int64_t>& n_zeta);
struct LocalModesOptions {
  std::vector<int64_t> n_zeta;  // coarse points per axis
  int64_t per_cell = 16;        // q, at most patch_size
};
LocalModes local_modes(const Dataset& data, const torch::Tensor& V, const LocalModesOptions& options,
                       uint64_t seed);

}  // namespace msde
