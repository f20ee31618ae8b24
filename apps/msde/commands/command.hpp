// A subcommand: flags that CLI11 reads and the work they ask for.
//
// Two programs read the same command lines. `msde` is small and without LibTorch: it answers help, mistakes,
// `info`, `config explain` and `completion` by itself and hands all other work to `msde-engine` beside it. So
// the flags of a command, NAME_line.cpp, must do without LibTorch, and its work, NAME.cpp, is the engine's.
//
// To add one: `struct NameLine`, `add_NAME` and the declaration of `work(const NameLine&)` in NAME_line.hpp,
// the flags in NAME_line.cpp, the work in NAME.cpp, and a row in command_list.hpp. Its help ends with
// examples (examples()). The work writes results to stdout and all else through the log; it throws
// msde::Error, whose code becomes the exit code (errors.hpp).
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace msde {

struct Command {
  CLI::App* app = nullptr;
  std::function<void()> run;
};

// What is done with a command line once it is read: the engine works, the small program starts the engine.
template <class Line>
using Work = std::function<void(const Line&)>;

// These the small program does by itself.
Command add_info(CLI::App& app);
Command add_config_explain(CLI::App& app);
Command add_completion(CLI::App& app);

// The end of a command's help: one example a line.
std::string examples(const std::vector<std::string>& lines);

}  // namespace msde
