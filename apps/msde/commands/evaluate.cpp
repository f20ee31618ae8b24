// msde evaluate DIR: scores the trained model of a run.
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <optional>

#include "apps/msde/commands/evaluate_line.hpp"
#include "apps/msde/commands/score_table.hpp"
#include "apps/msde/comparison/classical_references.hpp"
#include "apps/msde/flags/apply_flags.hpp"
#include "apps/msde/flags/output_file.hpp"
#include "msde/core/error.hpp"
#include "msde/core/process/run_lock.hpp"
#include "msde/eval/scoring/evaluation_report.hpp"
#include "msde/eval/scoring/quality_gate.hpp"
#include "msde/run/evaluate_run.hpp"

namespace msde {

void work(const EvaluateLine& line) {
  apply(line.common);
  require_output_file("--json", line.output.json, {line.data});
  require_absent("--json", line.output.json, line.output.force);
  std::vector<QualityGate> gates;
  for (const auto& text : line.output.gates) gates.push_back(parse_quality_gate(text));
  for (const auto& gate : gates) check_metric_known(gate, evaluation_metric_names());
  const RunLayout layout = find_run(line.run);
  Settings settings = load_settings(layout.configuration(), {});
  if (!line.memory.empty()) settings.data.memory = line.memory;
  memory_plan(settings.data);
  const bool own = line.data.empty() && line.split == "test";
  const bool kept =
      own && std::filesystem::exists(layout.model_file()) && ::access(layout.root.c_str(), W_OK) == 0;
  const auto lock = kept ? std::make_unique<RunLock>(layout.root) : nullptr;
  const auto against = classical_references(settings);
  const auto scores = kept ? ensure_evaluated(layout, settings, against)
                           : evaluate_run(layout, settings, {line.data, line.split, against});
  write_result(line.output.json, scores.dump(2) + "\n");
  std::cout << score_table(scores);
  for (const auto& gate : gates) check_quality_gate(gate, scores);
}

}  // namespace msde
