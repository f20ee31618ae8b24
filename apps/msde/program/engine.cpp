// msde-engine: the work of msde's subcommands, with LibTorch. `msde` starts it (start_engine.hpp), and it
// starts itself again for ranks and trainings (child_process.hpp).
#include <sys/prctl.h>

#include "apps/msde/commands/command_list.hpp"
#include "apps/msde/program/process_environment.hpp"
#include "apps/msde/program/program.hpp"
#include "apps/msde/program/standard_descriptors.hpp"
#include "msde/core/numbers/flush_denormals.hpp"

int main(int argc, char** argv) {
  using namespace msde;
  open_standard_descriptors();
  choose_process_environment(argv);
  const FlushDenormals flushed;  // before threads start, which take it over
  prctl(PR_SET_NAME, "msde");    // as ps and top shall show it, by whatever path it was started
  return run_program(argc, argv,
                     [](CLI::App& app) { return add_commands(app, [](const auto& line) { work(line); }); });
}
