// What both programs do alike: read the command line, run the command, report errors.
#pragma once

#include <functional>
#include <vector>

#include "apps/msde/commands/command.hpp"

namespace msde {

// Returns the exit code (docs/errors.md).
int run_program(int argc, char** argv, const std::function<std::vector<Command>(CLI::App&)>& add_all);

}  // namespace msde
