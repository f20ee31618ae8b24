// The command line of `msde explain`: which run.
#pragma once

#include <string>

#include "apps/msde/commands/command.hpp"
#include "apps/msde/flags/common_flags.hpp"

namespace msde {

struct ExplainLine {
  CommonFlags common;
  std::string run, json;
  bool force = false;
};

Command add_explain(CLI::App& app, const Work<ExplainLine>& work);
void work(const ExplainLine& line);  // explain.cpp

}  // namespace msde
