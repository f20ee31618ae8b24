// The command lines of `msde train` and `msde run`, which have the same flags.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/msde/commands/command.hpp"
#include "apps/msde/flags/common_flags.hpp"
#include "apps/msde/flags/rank_line.hpp"

namespace msde {

struct TrainLine {
  CommonFlags common;
  RankFlags ranks;
  std::string configuration, output, device = "cpu", init_from, max_time, memory;
  std::vector<std::string> assignments;
  std::optional<int64_t> seed;
  bool deterministic = false, resume = false, force = false;
};
struct RunLine : TrainLine {};

Command add_train(CLI::App& app, const Work<TrainLine>& work);
void work(const TrainLine& line);  // train.cpp
Command add_run(CLI::App& app, const Work<RunLine>& work);
void work(const RunLine& line);  // run.cpp

}  // namespace msde
