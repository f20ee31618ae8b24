// The command line of `msde import`: which file, and how it is looked at.
#pragma once

#include <string>
#include <vector>

#include "apps/msde/commands/command.hpp"
#include "apps/msde/flags/common_flags.hpp"
#include "msde/field/data_view.hpp"

namespace msde {

struct ImportLine {
  CommonFlags common;
  std::string input, output, format = "native", split, crop, variables;
  DataView view;
  bool force = false;
};

Command add_import(CLI::App& app, const Work<ImportLine>& work);
void work(const ImportLine& line);  // import.cpp

}  // namespace msde
