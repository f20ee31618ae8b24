// How the states of a path are shared out among threads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "msde/kernels/drift.hpp"

namespace msde {

// States in blocks, the unit of parallel work: as many as leave work for every thread, within bounds. Sums
// over blocks therefore depend on the number of threads, in their rounding.
struct StateBlocks {
  StateBlocks(const DriftKernel& drift, int64_t n_states);
  int64_t in_block(int64_t block) const { return std::min(per_block, n_states - block * per_block); }
  int64_t n_states, per_block, n_blocks;
};

}  // namespace msde
