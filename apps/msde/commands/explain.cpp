// msde explain DIR: what the trained model of a run has learned.
#include <iostream>

#include "apps/msde/commands/explain_line.hpp"
#include "apps/msde/flags/apply_flags.hpp"
#include "apps/msde/flags/output_file.hpp"
#include "msde/run/explain_run.hpp"

namespace msde {

void work(const ExplainLine& line) {
  apply(line.common);
  require_output_file("--json", line.json, {});
  require_absent("--json", line.json, line.force);
  const RunLayout layout = find_run(line.run);
  const auto explanation = explain_run(layout, load_settings(layout.configuration(), {}));
  write_result(line.json, explanation.dump(2) + "\n");
  std::cout << explanation_text(explanation);
}

}  // namespace msde
