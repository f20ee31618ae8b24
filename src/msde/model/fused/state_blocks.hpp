// How the states of a path are shared out among threads.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>

#include "msde/kernels/drift.hpp"
#include "msde/kernels/room_for.hpp"

namespace msde {

// States in blocks, the unit of parallel work: as many as leave work for every thread, within bounds. Sums
// over blocks therefore depend on the number of threads, in their rounding.
struct StateBlocks {
  StateBlocks(const DriftKernel& drift, int64_t n_states);
  int64_t first(int64_t block) const { return block * per_block; }
  int64_t in_block(int64_t block) const { return std::min(per_block, n_states - first(block)); }

  // visit(block, scratch of so many floats), blocks in parallel.
  template <class Visit>
  void for_each(int64_t scratch_size, Visit visit) const {
    at::parallel_for(0, n_blocks, 1, [&](int64_t begin, int64_t end) {
      const auto scratch = room_for(scratch_size);
      for (int64_t block = begin; block < end; ++block) visit(block, scratch.get());
    });
  }

  int64_t n_states, per_block, n_blocks;
};

}  // namespace msde
