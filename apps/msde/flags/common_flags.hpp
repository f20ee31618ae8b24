// Flags that several subcommands share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace msde {

struct CommonFlags {
  bool quiet = false, verbose = false;
  int64_t threads = 0;  // 0 = all available processors
};

void add_log_flags(CLI::App& command, CommonFlags& flags);                    // -q, -v
void add_threads_flag(CLI::App& command, CommonFlags& flags);                 // --threads
void add_set_flag(CLI::App& command, std::vector<std::string>& assignments);  // --set key=value, repeated
void add_memory_flag(CLI::App& command, std::string& memory);                 // --memory: data.memory
void add_format_flag(CLI::App& command, std::string& format,
                     bool with_netcdf = false);  // --format native|pdebench

// -f, --force: `meaning` says what is replaced. Without it nothing that is there already is.
CLI::Option* add_force_flag(CLI::App& command, bool& force, const std::string& meaning);

// What becomes of scores beside the table that is printed.
struct ScoreOutput {
  std::string json;                // file, "" = none
  bool force = false;              // it may be replaced
  std::vector<std::string> gates;  // expressions of --fail-if
};
void add_score_flags(CLI::App& command, ScoreOutput& output);  // --json, --force, --fail-if

// Starts the log and takes the signals that end a process.
void start_log(const CommonFlags& flags);

}  // namespace msde
