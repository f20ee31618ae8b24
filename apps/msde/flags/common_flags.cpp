#include "apps/msde/flags/common_flags.hpp"

#include "apps/msde/commands/command.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/core/report/log.hpp"

namespace msde {

void add_log_flags(CLI::App& command, CommonFlags& flags) {
  auto* quiet = command.add_flag("-q,--quiet", flags.quiet, "Only warnings and errors on stderr");
  command.add_flag("-v,--verbose", flags.verbose, "More details on stderr")->excludes(quiet);
}

void add_threads_flag(CLI::App& command, CommonFlags& flags) {
  command.add_option("--threads", flags.threads, "Threads; 0 = all available processors")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
}

void add_set_flag(CLI::App& command, std::vector<std::string>& assignments) {
  command.add_option("--set", assignments, "Set one key of the configuration; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void add_memory_flag(CLI::App& command, std::string& memory) {
  command
      .add_option("--memory", memory, "Most memory to take, e.g. 1GiB: larger data are streamed; data.memory")
      ->type_name("SIZE");
}

void add_format_flag(CLI::App& command, std::string& format, bool with_netcdf) {
  const std::vector<std::string> all = {"native", "pdebench", "netcdf"};
  const std::string meaning =
      "native: train, val and test, noisy and clean; pdebench: a group per trajectory";
  command
      .add_option(
          "--format", format,
          meaning + (with_netcdf ? "; netcdf: NetCDF-4 with the CF conventions, a variable per channel" : ""))
      ->check(CLI::IsMember(with_netcdf ? all : std::vector<std::string>(all.begin(), all.end() - 1)))
      ->capture_default_str();
}

CLI::Option* add_force_flag(CLI::App& command, bool& force, const std::string& meaning) {
  return command.add_flag("-f,--force", force, meaning);
}

void add_score_flags(CLI::App& command, ScoreOutput& output) {
  command.add_option("--json", output.json, "Also write the scores there")->type_name("FILE");
  add_force_flag(command, output.force, "Replace the file of --json if it exists");
  command.add_option("--fail-if", output.gates, "Exit with code 5 if the expression holds; may be repeated")
      ->type_name("EXPRESSION")
      ->allow_extra_args(false);
}

void start_log(const CommonFlags& flags) {
  start_logging(flags.quiet, flags.verbose);
  install_signal_handlers();
}

std::string examples(const std::vector<std::string>& lines) {
  std::string text = "Examples:";
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

}  // namespace msde
