// msde: learns stochastic multiscale models of physical fields from data. This is the small program: it reads
// the command line, answers what needs no LibTorch, and becomes msde-engine (engine.cpp) for all else.
#include "apps/msde/commands/command_list.hpp"
#include "apps/msde/program/program.hpp"
#include "apps/msde/program/standard_descriptors.hpp"
#include "apps/msde/program/start_engine.hpp"

int main(int argc, char** argv) {
  using namespace msde;
  open_standard_descriptors();
  return run_program(argc, argv, [argv](CLI::App& app) {
    return add_commands(app, [argv](const auto&) { start_engine(argv); });
  });
}
