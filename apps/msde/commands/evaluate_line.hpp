// The command line of `msde evaluate`: which run, and on what data.
#pragma once

#include <string>

#include "apps/msde/commands/command.hpp"
#include "apps/msde/flags/common_flags.hpp"

namespace msde {

struct EvaluateLine {
  CommonFlags common;
  std::string run, memory, data, split = "test";
  ScoreOutput output;
};

Command add_evaluate(CLI::App& app, const Work<EvaluateLine>& work);
void work(const EvaluateLine& line);  // evaluate.cpp

}  // namespace msde
