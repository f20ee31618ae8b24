// A subcommand: flags that CLI11 reads and the work they ask for.
//
// To add one, write `Command add_NAME(CLI::App& app)` in NAME.cpp, declare it below and list it in main.cpp.
// Its help ends with examples (examples()). `run` writes results to stdout and all else through the log; it
// throws msde::Error, whose code becomes the exit code (errors.hpp).
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

Command add_run(CLI::App& app);
Command add_generate(CLI::App& app);
Command add_import(CLI::App& app);
Command add_train(CLI::App& app);
Command add_evaluate(CLI::App& app);
Command add_predict(CLI::App& app);
Command add_compare(CLI::App& app);
Command add_score(CLI::App& app);
Command add_info(CLI::App& app);
Command add_doctor(CLI::App& app);
Command add_config_explain(CLI::App& app);

// The end of a command's help: one example a line.
std::string examples(const std::vector<std::string>& lines);

}  // namespace msde
