// The command line of `msde generate`: which case, and what of its options.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/msde/commands/command.hpp"
#include "apps/msde/flags/common_flags.hpp"

namespace msde {

struct GenerateLine {
  CommonFlags common;
  std::string case_name, output, format = "native";
  std::optional<int64_t> seed;
  bool force = false;
  std::vector<std::string> assignments;
};

Command add_generate(CLI::App& app, const Work<GenerateLine>& work);
void work(const GenerateLine& line);  // generate.cpp

}  // namespace msde
