#include "apps/msde/commands/generate_line.hpp"

#include "msde/pde/generate_options.hpp"

namespace msde {
namespace {

std::string case_list() {
  std::string text = "Cases:";
  for (const CaseChoice& row : case_choices()) text += "\n  " + row.name + "  " + row.meaning;
  return text + "\n\n";
}

}  // namespace

Command add_generate(CLI::App& app, const Work<GenerateLine>& work) {
  auto* command = app.add_subcommand("generate", "Write the dataset of a benchmark case");
  auto line = std::make_shared<GenerateLine>();
  command->add_option("case", line->case_name, "Name of the case, see below")->required()->type_name("CASE");
  command->add_option("-o,--output", line->output, "HDF5 file to write")->required()->type_name("FILE");
  add_force_flag(*command, line->force, "Replace the file of -o if it exists");
  add_format_flag(*command, line->format);
  command->add_option("--seed", line->seed, "Seed of parameters and noise: data.generate.seed");
  add_set_flag(*command, line->assignments);
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(case_list() +
                  examples({"msde generate kdv_1d -o data/kdv_1d.h5",
                            "msde generate wave_1d -o wave.h5 --seed 7 --set n_train=50 --set noise_std=0",
                            "msde generate shallow_water_2d -o 2D_rdb.h5 --format pdebench"}));
  return {command, [line, work] { work(*line); }};
}

}  // namespace msde
