// How the flags of `train` and `run` become a run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/msde/commands/train_line.hpp"
#include "apps/msde/flags/rank_flags.hpp"
#include "msde/run/pipeline.hpp"

namespace msde {

// For --ranks without --rank: starts them all and returns the exit code (local_ranks.hpp).
int start_all_ranks(const TrainLine& line);

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
OpenedRun open_run(const TrainLine& line, bool whole);

}  // namespace msde
