// msde train CONFIG -o DIR: data where they are missing, then training.
#include <cstdlib>
#include <iostream>

#include "apps/msde/flags/train_flags.hpp"

namespace msde {

void work(const TrainLine& line) {
  if (starts_all_ranks(line.ranks)) std::exit(start_all_ranks(line));
  const OpenedRun run = open_run(line, /*to_be_evaluated=*/false);
  ensure_trained(run.layout, run.settings, run.training);
  if (run.training.group.leads()) std::cout << run.layout.model_file() << "\n";
}

}  // namespace msde
