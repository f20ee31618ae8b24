#include "apps/msde/commands/evaluate_line.hpp"

namespace msde {

Command add_evaluate(CLI::App& app, const Work<EvaluateLine>& work) {
  auto* command = app.add_subcommand("evaluate", "Score the trained model of a run");
  auto line = std::make_shared<EvaluateLine>();
  command->add_option("run", line->run, "Folder of the run")->required()->type_name("DIR");
  command->add_option("--data", line->data, "Dataset to score on; default: the data of the run")
      ->type_name("FILE");
  command->add_option("--split", line->split, "train, val or test")->capture_default_str();
  add_memory_flag(*command, line->memory);
  add_score_flags(*command, line->output);
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(examples({"msde evaluate runs/kdv_1d", "msde evaluate runs/kdv_1d --fail-if 'rel_l2>0.03'",
                            "msde evaluate runs/kdv_1d --data other.h5 --split val --json scores.json"}));
  return {command, [line, work] { work(*line); }};
}

}  // namespace msde
