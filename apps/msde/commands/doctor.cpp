// msde doctor: what the program stands on.
#include <ATen/Version.h>

#include <iostream>

#include "apps/msde/commands/doctor_line.hpp"
#include "apps/msde/flags/apply_flags.hpp"
#include "msde/run/version.hpp"

namespace msde {

void work(const DoctorLine& line) {
  apply(line.common);
  for (const auto& [name, value] : environment_facts()) std::cout << name << ": " << value << "\n";
  if (line.common.verbose) std::cout << at::show_config() << at::get_parallel_info();
}

}  // namespace msde
