// The command line of `msde score`: which two files, and what of them.
#pragma once

#include <string>

#include "apps/msde/commands/command.hpp"
#include "apps/msde/flags/common_flags.hpp"

namespace msde {

struct ScoreLine {
  CommonFlags common;
  std::string truth, prediction, split = "test";
  ScoreOutput output;
  int64_t first_frame = 1;  // the frames before it are given, not predicted
  int64_t n_steps = 0;
  uint64_t seed = 0;
};

Command add_score(CLI::App& app, const Work<ScoreLine>& work);
void work(const ScoreLine& line);  // score.cpp

}  // namespace msde
