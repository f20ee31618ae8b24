#include "msde/model/fused/state_blocks.hpp"

namespace msde {
namespace {

constexpr int64_t kLeastCells = 128;  // in a block: fewer rows waste the macro network's products
constexpr int64_t kMostStates = 16;   // in a block: enough rows for the micro network's

int64_t states_in_a_block(const DriftKernel& drift, int64_t n_states) {
  const int64_t least = std::clamp<int64_t>(kLeastCells / drift.cells, 1, kMostStates);
  return std::clamp<int64_t>(n_states / at::get_num_threads(), least, kMostStates);
}

}  // namespace

StateBlocks::StateBlocks(const DriftKernel& drift, int64_t n_states)
    : n_states(n_states),
      per_block(states_in_a_block(drift, n_states)),
      n_blocks((n_states + per_block - 1) / per_block) {}

}  // namespace msde
