#include "apps/msde/commands/score_line.hpp"

namespace msde {

Command add_score(CLI::App& app, const Work<ScoreLine>& work) {
  auto* command =
      app.add_subcommand("score", "Score the fields of one file against those of another, without a model");
  auto line = std::make_shared<ScoreLine>();
  command
      ->add_option("truth", line->truth,
                   "Dataset, forecast.h5, .vti, .pvd, other HDF5, .npy or .npz: [N, T, C, *grid]")
      ->required()
      ->type_name("TRUTH");
  command->add_option("prediction", line->prediction, "The same, or with members first: [M, N, T, C, *grid]")
      ->required()
      ->type_name("PREDICTION");
  command->add_option("--split", line->split, "Of a dataset: train, val or test")->capture_default_str();
  command->add_option("--first-frame", line->first_frame, "First scored frame; those before it are given")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--n-steps", line->n_steps, "Compare the first snapshots only; 0 = all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--seed", line->seed, "Seed of ties among ranks")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_score_flags(*command, line->output);
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(examples(
      {"msde score wave.h5 forecast/forecast.h5 --json scores.json",
       "msde score truth.npy ensemble.npy --first-frame 10",
       "msde score wave.h5 forecast/forecast.h5 --fail-if 'vrmse>0.1' --fail-if 'coverage.90<0.8'"}));
  return {command, [line, work] { work(*line); }};
}

}  // namespace msde
