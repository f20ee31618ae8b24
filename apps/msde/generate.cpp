// msde generate CASE -o FILE: writes the dataset of a benchmark case.
#include "msde/pde/generate.hpp"

#include <iostream>
#include <memory>
#include <optional>

#include "apps/msde/command.hpp"
#include "apps/msde/common_flags.hpp"
#include "apps/msde/output_file.hpp"
#include "apps/msde/write_dataset.hpp"
#include "msde/core/error.hpp"
#include "msde/core/log.hpp"
#include "msde/core/progress.hpp"
#include "msde/pde/cases.hpp"

namespace msde {
namespace {

struct GenerateFlags {
  CommonFlags common;
  std::string case_name, output, format = "native";
  std::optional<int64_t> seed;
  std::vector<std::string> assignments;
};

GenerateOptions options_of(const GenerateFlags& flags) {
  GenerateOptions options = default_generate_options(find_case(flags.case_name).name);
  OptionTable table;
  describe(table, options);
  for (const std::string& assignment : flags.assignments) {
    // Here the section may be left out: n_train=3.
    const bool has_section = assignment.substr(0, assignment.find('=')).find('.') != std::string::npos;
    table.set(has_section ? assignment : "data.generate." + assignment, "--set");
  }
  if (flags.seed) table.set("data.generate.seed=" + std::to_string(*flags.seed), "--seed");
  return options;
}

void run(const GenerateFlags& flags) {
  apply(flags.common);
  const GenerateOptions options = options_of(flags);
  make_folder_of(flags.output);

  Progress progress("generate " + flags.case_name, options.n_train + options.n_val + options.n_test);
  const auto report = [&](int64_t done, int64_t) { progress.update(done); };
  if (flags.format == "pdebench")
    generate_pdebench(flags.case_name, options, flags.output, report);
  else
    generate_case(flags.case_name, options, flags.output, report);
  progress.finish();
  std::cout << flags.output << "\n";
}

std::string case_list() {
  std::string text = "Cases:";
  for (const Case& row : cases()) text += "\n  " + row.name + "  " + row.meaning;
  return text + "\n\n";
}

}  // namespace

Command add_generate(CLI::App& app) {
  auto* command = app.add_subcommand("generate", "Write the dataset of a benchmark case");
  auto flags = std::make_shared<GenerateFlags>();
  command->add_option("case", flags->case_name, "Name of the case, see below")->required()->type_name("CASE");
  command->add_option("-o,--output", flags->output, "HDF5 file to write; replaced if it exists")
      ->required()
      ->type_name("FILE");
  add_format_flag(*command, flags->format);
  command->add_option("--seed", flags->seed, "Seed of parameters and noise: data.generate.seed");
  add_set_flag(*command, flags->assignments);
  add_threads_flag(*command, flags->common);
  add_log_flags(*command, flags->common);
  command->footer(case_list() +
                  examples({"msde generate kdv_1d -o data/kdv_1d.h5",
                            "msde generate wave_1d -o wave.h5 --seed 7 --set n_train=50 --set noise_std=0",
                            "msde generate shallow_water_2d -o 2D_rdb.h5 --format pdebench"}));
  return {command, [flags] { run(*flags); }};
}

}  // namespace msde
