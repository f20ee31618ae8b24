#include "apps/msde/commands/compare_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/msde/comparison/row_names.hpp"

namespace msde {

Command add_compare(CLI::App& app, const Work<CompareLine>& work) {
  auto* command =
      app.add_subcommand("compare", "Compare the learned model with the baselines, on the same frames");
  auto line = std::make_shared<CompareLine>();
  command->add_option("config", line->configuration, "TOML configuration, see configs/")
      ->required()
      ->type_name("CONFIG");
  command
      ->add_option("-o,--output", line->output,
                   "Folder of the comparison; what is trained there already is kept")
      ->required()
      ->type_name("DIR");
  command->add_option("--json", line->json, "Also write the result there")->type_name("FILE");
  add_force_flag(*command, line->force,
                 "Replace the results in DIR and the file of --json; what is trained there is kept");
  command
      ->add_option("--models", line->models,
                   fmt::format("Rows, separated by commas, or all: {}", fmt::join(row_names(), ", ")))
      ->type_name("NAMES")
      ->capture_default_str();
  command
      ->add_option("--seeds", line->seeds,
                   "Trainings of each learned row, with seeds counted from train.seed")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command
      ->add_option(
          "--n-eta", line->n_eta,
          "Also compare numbers of microscale states, FIRST:LAST, and say which one validation prefers")
      ->type_name("RANGE");
  command
      ->add_option("--protocol", line->protocol,
                   "default: predicted frames; reference: as the published scripts score")
      ->check(CLI::IsMember({"default", "reference"}))
      ->capture_default_str();
  command->add_option("--split", line->split, "train, val or test")
      ->check(CLI::IsMember({"train", "val", "test"}))
      ->capture_default_str();
  add_set_flag(*command, line->assignments);
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(examples(
      {"msde compare configs/kdv_1d.toml -o compare/kdv_1d",
       "msde compare configs/kdv_1d.toml -o compare/as_published --models dmd,pod_sindy --protocol reference",
       "msde compare configs/wave_1d.toml -o compare/sizes --models multiscale --n-eta 0:5 --seeds 1"}));
  return {command, [line, work] { work(*line); }};
}

}  // namespace msde
