// Which of several processes this is, from the flags and the environment (docs/several_machines.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/msde/flags/rank_line.hpp"
#include "msde/run/settings.hpp"
#include "msde/tensor/ranks/process_group.hpp"

namespace msde {

// Which rank this process is and where the others are. What the flags leave open the environment may say, in
// PyTorch's words: RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT. ConfigError.
Rendezvous find_rendezvous(const RankFlags& flags);
double rank_timeout(const RankFlags& flags);  // seconds; ConfigError
// --ranks without --rank, and not in a process that a launcher started: all ranks are to be started here.
bool starts_all_ranks(const RankFlags& flags);

// Threads of this rank, of `threads` (0 = all available) that the ranks of this machine share. A launcher
// says which they are: LOCAL_RANK, LOCAL_WORLD_SIZE.
int64_t threads_of_rank(int64_t threads, const Ranks& ranks);
// cuda:LOCAL_RANK where there are several ranks.
torch::Device device_of_rank(torch::Device device, const Ranks& ranks);

}  // namespace msde
