// msde run CONFIG -o DIR: data, training, evaluation; what is finished is skipped.
#include <cstdlib>
#include <iostream>

#include "apps/msde/train_flags.hpp"

namespace msde {

Command add_run(CLI::App& app) {
  auto* command =
      app.add_subcommand("run", "Generate if needed, train, evaluate; finished stages are skipped");
  auto line = std::make_shared<TrainCommandLine>();
  add_train_flags(*command, *line);
  command->footer(examples({"msde run configs/kdv_1d.toml -o runs/kdv_1d",
                            "msde run configs/wave_1d.toml -o runs/wave_1d --seed 1 --threads 2",
                            "msde run configs/kdv_1d.toml -o runs/macro_only --set model.n_eta=0"}));
  return {command, [line] {
            if (starts_all_ranks(line->ranks)) std::exit(start_all_ranks(*line));
            const OpenedRun run = open_run(*line, /*whole=*/true);
            const RunLayout& layout = run.layout;
            ensure_trained(layout, run.settings, run.flags);
            if (!run.flags.group.leads()) return;
            std::cout << score_table(ensure_evaluated(layout, run.settings));
            std::cout << "results: " << layout.root << "\n";
          }};
}

}  // namespace msde
