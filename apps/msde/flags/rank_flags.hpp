// Which of several processes this is, from the flags and the environment (docs/several_machines.md).
#pragma once

#include <cstdint>

#include "apps/msde/flags/rank_line.hpp"
#include "apps/msde/flags/rank_variables.hpp"
#include "msde/run/settings.hpp"
#include "msde/tensor/ranks/process_group.hpp"

namespace msde {

// What a launcher says; nothing where the flags say all, or --ranks 1. ConfigError.
RankVariables launched_as(const RankFlags& flags);

// Which rank this process is and where the others are, by the flags and, where they leave it open, by the launcher.
// ConfigError: something is missing, or flags and variables contradict each other.
Rendezvous find_rendezvous(const RankFlags& flags, const RankVariables& variables);
double rank_timeout(const RankFlags& flags);  // seconds; ConfigError
// --ranks without --rank, and not in a process that a launcher started: all ranks are to be started here.
bool starts_all_ranks(const RankFlags& flags);

// Threads of this rank: its share of `threads` (0 = all available), where the launcher says how many ranks this
// machine has; with Slurm `threads` itself, and for 0 the processors that Slurm gives a task.
int64_t threads_of_rank(int64_t threads, const Ranks& ranks, const RankVariables& variables);
// cuda:LOCAL_RANK where there are several ranks.
torch::Device device_of_rank(torch::Device device, const Ranks& ranks, const RankVariables& variables);

}  // namespace msde
