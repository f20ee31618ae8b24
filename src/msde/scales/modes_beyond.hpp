// The POD modes of the reduced basis: of what the coarse grid leaves of the training snapshots.
#pragma once

#include <cstdint>
#include <vector>

#include "msde/field/dataset.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct ModesBeyondOptions {
  int64_t rank = 0, max_rank = 320;        // model.rank, model.max_rank
  double noise_std = 0;                    // s, rms over the channels
  std::vector<double> channel_noise = {};  // of each; empty: s in all
  uint64_t seed = 0;
};

struct ModesBeyond {
  torch::Tensor modes;    // [n_y, r] float64, orthonormal and orthogonal to Q, by falling energy
  double truncation = 0;  // rms norm of the clean part of y_perp on validation, relative to |y|
};

// Leading modes of y - Q Q^T y, Q [n_y, q] orthonormal, y_perp being what both leave. r: options.rank, or the smallest with
//   sqrt(max(0, mean |y_perp|^2 - (n_y - n) s^2)) < max(s sqrt(n_y) / 10, 1e-3 rms |y|)   on validation snapshots,
// n = q + r. On a grid with symmetries Q and the modes are symmetric fields, and in the first term under max n_y is the number
// of dimensions that these have. The data are streamed, an even spread of 20480 snapshots where there are more; memory is O(n_y n).
// A mode of m snapshots has noise of its own, which costs about s^2 (n_y - q) / m of a snapshot's |y|^2. Where all of them
// cost more than the bound's square, and no more snapshots are there than are read, they lose what of it the grid tells from
// a pattern (denoise_patterns.hpp), if that helps on validation. r is then the smallest whose mean |y_perp|^2 + r s^2 is
// within a fiftieth of the bound's square, or what chance makes of it, of the least.
ModesBeyond modes_beyond(const torch::Tensor& Q, const Dataset& data, const ModesBeyondOptions& options);

}  // namespace msde
