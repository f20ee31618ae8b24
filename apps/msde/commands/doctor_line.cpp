#include "apps/msde/commands/doctor_line.hpp"

namespace msde {

Command add_doctor(CLI::App& app, const Work<DoctorLine>& work) {
  auto* command = app.add_subcommand("doctor", "Show versions, threads, instruction set and BLAS");
  auto line = std::make_shared<DoctorLine>();
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(examples({"msde doctor", "msde doctor --verbose"}));
  return {command, [line, work] { work(*line); }};
}

}  // namespace msde
