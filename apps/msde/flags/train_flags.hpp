// How the flags of `train` and `run` become a run.
#pragma once

#include "apps/msde/commands/train_line.hpp"
#include "apps/msde/flags/rank_flags.hpp"
#include "msde/run/open_run.hpp"

namespace msde {

// For --ranks without --rank: starts them all and returns the exit code (local_ranks.hpp).
int start_all_ranks(const TrainLine& line);

// Reads the flags, puts those of this process into force, and opens the run (run/open_run.hpp). For
// `msde run` (to_be_evaluated = true) the data need a test split too, and a folder that holds a run of the
// same configuration is continued without --resume.
OpenedRun open_run(const TrainLine& line, bool to_be_evaluated);

}  // namespace msde
