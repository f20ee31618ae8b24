// The command line of `msde compare`: which configuration, and against what.
#pragma once

#include <string>
#include <vector>

#include "apps/msde/commands/command.hpp"
#include "apps/msde/flags/common_flags.hpp"

namespace msde {

struct CompareLine {
  CommonFlags common;
  std::string configuration, output, json, models = "all", n_eta, protocol = "default", split = "test";
  std::vector<std::string> assignments;
  int64_t seeds = 3;
  bool force = false;
};

Command add_compare(CLI::App& app, const Work<CompareLine>& work);
void work(const CompareLine& line);  // compare.cpp

}  // namespace msde
