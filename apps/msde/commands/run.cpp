// msde run CONFIG -o DIR: data, training, evaluation; what is finished is skipped.
#include <cstdlib>
#include <iostream>

#include "apps/msde/commands/score_table.hpp"
#include "apps/msde/comparison/classical_references.hpp"
#include "apps/msde/flags/train_flags.hpp"
#include "msde/run/evaluate_run.hpp"

namespace msde {

void work(const RunLine& line) {
  if (starts_all_ranks(line.ranks)) std::exit(start_all_ranks(line));
  const OpenedRun run = open_run(line, /*to_be_evaluated=*/true);
  const RunLayout& layout = run.layout;
  ensure_trained(layout, run.settings, run.training);
  if (!run.training.group.leads()) return;
  std::cout << score_table(ensure_evaluated(layout, run.settings, classical_references(run.settings)));
  std::cout << "results: " << layout.root << "\n";
}

}  // namespace msde
