#include "apps/msde/program/program.hpp"

#include <iostream>

#include "apps/msde/program/errors.hpp"
#include "msde/core/error.hpp"
#include "msde/core/files/utf8.hpp"
#include "msde/core/report/log.hpp"
#include "msde/run/version.hpp"

namespace msde {

int run_program(int argc, char** argv, const std::function<std::vector<Command>(CLI::App&)>& add_all) {
  start_logging(false, false);
  CLI::App app("Learns stochastic multiscale models of physical fields from data, and predicts with them.",
               "msde");
  app.set_version_flag("--version", version());
  app.require_subcommand(1);
  app.footer(
      examples({"msde run configs/kdv_1d.toml -o runs/kdv_1d",
                "msde predict runs/kdv_1d --from first.npy -o forecast", "msde config explain train"}));
  const std::vector<Command> commands = add_all(app);

  try {
    for (int i = 1; i < argc; ++i)
      if (!is_utf8(argv[i]))
        throw ConfigError("argument " + std::to_string(i) +
                          " is not UTF-8 text; names of files must be, rename them");
    app.parse(argc, argv);
    for (const Command& command : commands) {
      if (command.app->parsed()) command.run();
    }
    std::cout.flush();
    if (!std::cout) throw std::runtime_error("stdout cannot be written");
    return 0;
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error);
  } catch (...) {
    return report_current_exception();
  }
}

}  // namespace msde
