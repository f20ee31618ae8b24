// msde score TRUTH PREDICTION: every metric of any two files, without a model.
#include "msde/eval/score.hpp"

#include <iostream>

#include "apps/msde/command.hpp"
#include "apps/msde/common_flags.hpp"
#include "apps/msde/output_file.hpp"
#include "msde/core/atomic_file.hpp"
#include "msde/core/progress.hpp"
#include "msde/eval/quality_gate.hpp"
#include "msde/eval/score_json.hpp"

namespace msde {
namespace {

struct ScoreLine {
  CommonFlags common;
  std::string truth, prediction, split = "test", json;
  std::vector<std::string> gates;
  ScoreOptions options;
};

void run(const ScoreLine& line) {
  apply(line.common);
  require_output_file("--json", line.json, {line.truth, line.prediction});
  std::vector<QualityGate> gates;
  for (const auto& text : line.gates) gates.push_back(parse_quality_gate(text));
  const auto truth = FieldFile::open(line.truth, line.split);
  const auto prediction = FieldFile::open(line.prediction, line.split, truth.shape().size());
  ScoredFiles files{truth, prediction, line.split, line.options};
  const auto names = score_metric_names(score_shape(truth, prediction, line.options), truth.has_clean());
  for (const auto& gate : gates) check_metric_known(gate, names);

  Progress progress("score", truth.shape()[0]);
  files.options.on_trajectory = [&](int64_t done, int64_t) { progress.update(done); };
  const auto scores = score_files(truth, prediction, files.options);
  progress.finish();
  const auto document = to_json(scores, files);
  std::cout << score_table(scores, files);
  if (!line.json.empty()) write_text_atomically(line.json, document.dump(2) + "\n");
  for (const auto& gate : gates) check_quality_gate(gate, document);
}

}  // namespace

Command add_score(CLI::App& app) {
  auto* command =
      app.add_subcommand("score", "Score the fields of one file against those of another, without a model");
  auto line = std::make_shared<ScoreLine>();
  command->add_option("truth", line->truth, "Dataset, forecast.h5, other HDF5 or .npy: [N, T, C, *grid]")
      ->required()
      ->type_name("TRUTH");
  command->add_option("prediction", line->prediction, "The same, or with members first: [M, N, T, C, *grid]")
      ->required()
      ->type_name("PREDICTION");
  command->add_option("--split", line->split, "Of a dataset: train, val or test")->capture_default_str();
  command
      ->add_option("--first-frame", line->options.first_frame,
                   "First scored frame; those before it are given")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--n-steps", line->options.n_steps, "Compare the first snapshots only; 0 = all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--seed", line->options.seed, "Seed of ties among ranks")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--json", line->json, "Also write the scores there")->type_name("FILE");
  command->add_option("--fail-if", line->gates, "Exit with code 5 if the expression holds; may be repeated")
      ->type_name("EXPRESSION")
      ->allow_extra_args(false);
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(examples(
      {"msde score wave.h5 forecast/forecast.h5 --json scores.json",
       "msde score truth.npy ensemble.npy --first-frame 10",
       "msde score wave.h5 forecast/forecast.h5 --fail-if 'vrmse>0.1' --fail-if 'coverage.90<0.8'"}));
  return {command, [line] { run(*line); }};
}

}  // namespace msde
