// `msde train --ranks N` without --rank: all ranks as processes of this machine.
#pragma once

#include <cstdint>

namespace msde {

// Starts this command line once per rank, with RANK, WORLD_SIZE, LOCAL_RANK and LOCAL_WORLD_SIZE set and, in
// MSDE_RANK_SOCKETS, the descriptors by which it is connected to the others, and returns the exit code of all: 0, or that of the rank that failed
// first. Rank 0 speaks on stdout and stderr; of another, the line it failed with is told. Signals that end
// a process are handed on. Once a rank fails the others end, too, at the latest after `timeout_seconds`.
int run_local_ranks(int64_t ranks, double timeout_seconds);

}  // namespace msde
