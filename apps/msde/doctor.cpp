// msde doctor: what the program stands on.
#include <ATen/Version.h>

#include <iostream>
#include <memory>

#include "apps/msde/command.hpp"
#include "apps/msde/common_flags.hpp"
#include "apps/msde/version.hpp"

namespace msde {

Command add_doctor(CLI::App& app) {
  auto* command = app.add_subcommand("doctor", "Show versions, threads, instruction set and BLAS");
  auto flags = std::make_shared<CommonFlags>();
  add_threads_flag(*command, *flags);
  add_log_flags(*command, *flags);
  command->footer(examples({"msde doctor", "msde doctor --verbose"}));
  return {command, [flags] {
            apply(*flags);
            for (const auto& [name, value] : environment_facts()) std::cout << name << ": " << value << "\n";
            if (flags->verbose) std::cout << at::show_config() << at::get_parallel_info();
          }};
}

}  // namespace msde
