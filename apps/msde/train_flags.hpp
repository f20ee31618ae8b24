// The flags of `train` and `run`, which are the same, and how they become a run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/msde/command.hpp"
#include "apps/msde/common_flags.hpp"
#include "apps/msde/pipeline.hpp"

namespace msde {

struct TrainCommandLine {
  CommonFlags common;
  std::string configuration, output, device = "cpu", init_from, max_time, memory;
  std::vector<std::string> assignments;
  std::optional<int64_t> seed;
  bool deterministic = false, resume = false, force = false;
};

void add_train_flags(CLI::App& command, TrainCommandLine& line);

// Reads and checks everything before anything is made on disk, then opens the run directory.
struct OpenedRun {
  Settings settings;
  TrainFlags flags;
  std::unique_ptr<RunDirectory> directory;
};
// For `msde run` (whole = true) the data need a test split too, and a folder that holds a run of the same
// configuration is continued without --resume.
OpenedRun open_run(const TrainCommandLine& line, bool whole);

}  // namespace msde
