// msde train CONFIG -o DIR: data where they are missing, then training.
#include <cstdlib>
#include <iostream>

#include "apps/msde/train_flags.hpp"

namespace msde {

Command add_train(CLI::App& app) {
  auto* command = app.add_subcommand("train", "Train a model");
  auto line = std::make_shared<TrainCommandLine>();
  add_train_flags(*command, *line);
  command->footer(examples(
      {"msde train configs/kdv_1d.toml -o runs/kdv", "msde train configs/kdv_1d.toml -o runs/kdv --resume",
       "msde train configs/kdv_1d.toml -o runs/kdv --ranks 4",
       "msde train configs/wave_1d.toml -o runs/mine --set data.path=mine.h5 --seed 1 --max-time 30m"}));
  return {command, [line] {
            if (starts_all_ranks(line->ranks)) std::exit(start_all_ranks(*line));
            const OpenedRun run = open_run(*line, /*whole=*/false);
            ensure_trained(run.layout, run.settings, run.flags);
            if (run.flags.group.leads()) std::cout << run.layout.model_file() << "\n";
          }};
}

}  // namespace msde
