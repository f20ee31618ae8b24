// msde evaluate DIR: scores the trained model of a run.
#include "msde/eval/evaluate.hpp"

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <optional>

#include "apps/msde/command.hpp"
#include "apps/msde/common_flags.hpp"
#include "apps/msde/output_file.hpp"
#include "apps/msde/pipeline.hpp"
#include "msde/core/atomic_file.hpp"
#include "msde/core/error.hpp"
#include "msde/core/run_lock.hpp"
#include "msde/eval/evaluation_json.hpp"
#include "msde/eval/quality_gate.hpp"

namespace msde {
namespace {

struct EvaluateLine {
  CommonFlags common;
  std::string run, json, memory;
  EvaluateRequest request;
  std::vector<std::string> gates;
};

void run(const EvaluateLine& line) {
  apply(line.common);
  require_output_file("--json", line.json, {line.request.data_path});
  std::vector<QualityGate> gates;
  for (const auto& text : line.gates) gates.push_back(parse_quality_gate(text));
  for (const auto& gate : gates) check_metric_known(gate, evaluation_metric_names());
  const RunLayout layout = find_run(line.run);
  Settings settings = load_settings(layout.configuration(), {});
  if (!line.memory.empty()) settings.data.memory = line.memory;
  memory_plan(settings.data);
  const bool own = line.request.data_path.empty() && line.request.split == "test";
  const bool kept =
      own && std::filesystem::exists(layout.model_file()) && ::access(layout.root.c_str(), W_OK) == 0;
  const auto lock = kept ? std::make_unique<RunLock>(layout.root) : nullptr;
  const auto scores =
      kept ? ensure_evaluated(layout, settings) : evaluate_run(layout, settings, line.request);
  if (!line.json.empty()) write_text_atomically(line.json, scores.dump(2) + "\n");
  std::cout << score_table(scores);
  for (const auto& gate : gates) check_quality_gate(gate, scores);
}

}  // namespace

Command add_evaluate(CLI::App& app) {
  auto* command = app.add_subcommand("evaluate", "Score the trained model of a run");
  auto line = std::make_shared<EvaluateLine>();
  command->add_option("run", line->run, "Folder of the run")->required()->type_name("DIR");
  command->add_option("--data", line->request.data_path, "Dataset to score on; default: the data of the run")
      ->type_name("FILE");
  command->add_option("--split", line->request.split, "train, val or test")->capture_default_str();
  add_memory_flag(*command, line->memory);
  command->add_option("--json", line->json, "Also write the scores there")->type_name("FILE");
  command->add_option("--fail-if", line->gates, "Exit with code 5 if the expression holds; may be repeated")
      ->type_name("EXPRESSION")
      ->allow_extra_args(false);
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(examples({"msde evaluate runs/kdv_1d", "msde evaluate runs/kdv_1d --fail-if 'rel_l2>0.03'",
                            "msde evaluate runs/kdv_1d --data other.h5 --split val --json scores.json"}));
  return {command, [line] { run(*line); }};
}

}  // namespace msde
