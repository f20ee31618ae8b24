// The flags of `train` and `run`, which are the same, and how they become a run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/msde/command.hpp"
#include "apps/msde/common_flags.hpp"
#include "apps/msde/pipeline.hpp"
#include "apps/msde/rank_flags.hpp"

namespace msde {

struct TrainCommandLine {
  CommonFlags common;
  RankFlags ranks;
  std::string configuration, output, device = "cpu", init_from, max_time, memory;
  std::vector<std::string> assignments;
  std::optional<int64_t> seed;
  bool deterministic = false, resume = false, force = false;
};

void add_train_flags(CLI::App& command, TrainCommandLine& line);

// For --ranks without --rank: starts them all and returns the exit code (local_ranks.hpp).
int start_all_ranks(const TrainCommandLine& line);

// Reads and checks everything, meets the other ranks, checks that all agree, and only then makes something on
// disk: the run directory.
struct OpenedRun {
  Settings settings;
  TrainFlags flags;
  RunLayout layout;
  std::unique_ptr<RunDirectory> directory;  // rank 0's: it alone writes
};
// For `msde run` (whole = true) the data need a test split too, and a folder that holds a run of the same
// configuration is continued without --resume.
OpenedRun open_run(const TrainCommandLine& line, bool whole);

}  // namespace msde
