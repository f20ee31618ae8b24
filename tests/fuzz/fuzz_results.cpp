// What a run leaves besides its model: manifest.json and eval/metrics.json.
#include <nlohmann/json.hpp>

#include "msde/eval/scoring/evaluation_report.hpp"
#include "msde/eval/scoring/quality_gate.hpp"
#include "msde/run/manifest.hpp"
#include "tests/fuzz/harness.hpp"

void msde::fuzz::one_input(std::string_view bytes) {
  answered(ExitCode::data, [&] {
    scratch_file("manifest.json", bytes);
    read_manifest(RunLayout{scratch_folder()});
  });
  const auto scores = nlohmann::ordered_json::parse(std::string(bytes), nullptr, /*allow_exceptions=*/false);
  if (!is_evaluation(scores)) return;
  gate_metrics(scores);
  metric_values(scores);
}
