// msde score TRUTH PREDICTION: every metric of any two files, without a model.
#include <iostream>

#include "apps/msde/commands/score_line.hpp"
#include "apps/msde/flags/apply_flags.hpp"
#include "apps/msde/flags/output_file.hpp"
#include "msde/core/report/log.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/eval/scoring/quality_gate.hpp"
#include "msde/eval/scoring/two_files.hpp"
#include "msde/eval/scoring/two_files_report.hpp"

namespace msde {

void work(const ScoreLine& line) {
  apply(line.common);
  require_output_file("--json", line.output.json, {line.truth, line.prediction});
  require_absent("--json", line.output.json, line.output.force);
  std::vector<QualityGate> gates;
  for (const auto& text : line.output.gates) gates.push_back(parse_quality_gate(text));
  ScoreOptions options = {.first_frame = line.first_frame, .n_steps = line.n_steps, .seed = line.seed};
  const auto truth = FieldFile::open(line.truth, line.split).as_truth();
  const auto prediction = FieldFile::open(line.prediction, line.split, truth.shape().size());
  ScoredFiles files{truth, prediction, line.split, options};
  const auto names = score_metric_names(score_shape(truth, prediction, options), truth.has_clean());
  for (const auto& gate : gates) check_metric_known(gate, names);

  Progress progress("score", truth.shape()[0]);
  files.options.on_trajectory = [&](int64_t done, int64_t) { progress.update(done); };
  const auto scores = score_files(truth, prediction, files.options);
  progress.finish();
  if (scores.scored_points < scores.points)
    spdlog::warn("{} of {} points are scored: at the others one of the files has no fields",
                 scores.scored_points, scores.points);
  if (scores.missing_values > 0)
    spdlog::warn("{}: {} values are missing: they are in no score, and their frames have no spectrum",
                 line.truth, scores.missing_values);
  const auto document = to_json(scores, files);
  std::cout << score_table(scores, files);
  write_result(line.output.json, document.dump(2) + "\n");
  for (const auto& gate : gates) check_quality_gate(gate, document);
}

}  // namespace msde
