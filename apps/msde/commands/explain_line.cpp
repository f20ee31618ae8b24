#include "apps/msde/commands/explain_line.hpp"

namespace msde {

Command add_explain(CLI::App& app, const Work<ExplainLine>& work) {
  auto* command = app.add_subcommand("explain", "Say what the trained model of a run has learned");
  auto line = std::make_shared<ExplainLine>();
  command->add_option("run", line->run, "Folder of the run")->required()->type_name("DIR");
  command->add_option("--json", line->json, "Write it as JSON, too")->type_name("FILE");
  command->add_flag("--force", line->force, "Replace FILE");
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(
      examples({"msde explain runs/kdv_1d", "msde explain runs/kdv_1d_prior --json explanation.json"}));
  return {command, [line, work] { work(*line); }};
}

}  // namespace msde
