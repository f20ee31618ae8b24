// msde generate CASE -o FILE: writes the dataset of a benchmark case.
#include "msde/pde/generate.hpp"

#include <iostream>
#include <memory>
#include <optional>

#include "apps/msde/commands/generate_line.hpp"
#include "apps/msde/flags/apply_flags.hpp"
#include "apps/msde/flags/output_file.hpp"
#include "msde/core/error.hpp"
#include "msde/core/report/log.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/pde/cases.hpp"
#include "msde/pde/generated_trajectories.hpp"
#include "msde/run/write_dataset.hpp"

namespace msde {
namespace {

GenerateOptions options_of(const GenerateLine& line) {
  GenerateOptions options = default_generate_options(line.case_name);
  OptionTable table;
  describe(table, options);
  for (const std::string& assignment : line.assignments) {
    // Here the section may be left out: n_train=3.
    const bool has_section = assignment.substr(0, assignment.find('=')).find('.') != std::string::npos;
    table.set(has_section ? assignment : "data.generate." + assignment, "--set");
  }
  if (line.seed) table.set("data.generate.seed=" + std::to_string(*line.seed), "--seed");
  return options;
}

}  // namespace

void work(const GenerateLine& line) {
  apply(line.common);
  require_absent("-o", line.output, line.force);
  const GenerateOptions options = options_of(line);
  const int64_t total = generation_steps(line.case_name, options);  // refuses what the case does not have
  make_folder_of(line.output);

  Progress progress("generate " + line.case_name, total);
  const auto report = [&](int64_t done, int64_t) { progress.update(done); };
  if (line.format == "pdebench")
    generate_pdebench(line.case_name, options, line.output, report);
  else
    generate_case(line.case_name, options, line.output, report);
  progress.finish();
  std::cout << line.output << "\n";
}

}  // namespace msde
