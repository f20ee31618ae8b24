// The basis in which the reduced preset works: chosen from data once, before training.
#pragma once

#include <string>
#include <vector>

#include "msde/field/dataset.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// On a grid with symmetries all columns are symmetric fields, and of R S only the rows of cells that carry unknowns are there.
// y = V a + y_perp, V [n_y, n] orthonormal, its columns spanning
//   the rows of R S_k for every basis kernel k (so restriction and prolongation are exact in V), then
//   the leading POD modes of what is left of the training snapshots.
struct ReducedSpace {
  torch::Tensor V;            // [n_y, n] float32
  torch::Tensor smooth;       // [K, n, n]       V^T S_k V
  torch::Tensor restriction;  // [K, n_zeta, n]  R S_k V
  int64_t rank = 0;           // POD modes kept
  double truncation = 0;      // rms norm of the clean part of y_perp on validation, relative to |y|
  std::string brief() const;  // one line for people
};

struct ReducedSpaceOptions {
  std::vector<int64_t> n_zeta;             // coarse points per axis
  int64_t n_sigma = 2;                     // cut of the kernels, in coarse cells
  int64_t rank = 0, max_rank = 320;        // model.rank, model.max_rank
  std::vector<double> channel_noise = {};  // of each channel, rms noise_std; empty: the same in all
};

// The POD modes, and how many of them, are those of modes_beyond.hpp. ConfigError: more unknowns than half of the values
// that are fluid, or more memory than data.memory leaves.
ReducedSpace build_reduced_space(const Dataset& data, const ReducedSpaceOptions& options, double noise_std,
                                 uint64_t seed);

}  // namespace msde
