// From the small program to the one with LibTorch.
#pragma once

#include "msde/core/error.hpp"

namespace msde {

// What the shell uses for a command that is not there.
inline constexpr auto kNoEngine = ExitCode{127};

// This process becomes msde-engine, which stands in the folder of msde or, installed, in ../libexec/msde: the
// same command line, process number and descriptors, with the environment of process_environment.hpp.
// Error(kNoEngine) where it cannot start.
[[noreturn]] void start_engine(char** argv);

}  // namespace msde
