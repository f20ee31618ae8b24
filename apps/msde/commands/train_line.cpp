#include "apps/msde/commands/train_line.hpp"

namespace msde {
namespace {

void add_train_flags(CLI::App& command, TrainLine& l) {
  command.add_option("config", l.configuration, "TOML configuration, see configs/")
      ->required()
      ->type_name("CONFIG");
  command.add_option("-o,--output", l.output, "Folder of the run")->required()->type_name("DIR");
  add_set_flag(command, l.assignments);
  command.add_option("--seed", l.seed, "Seed of training: train.seed");
  add_threads_flag(command, l.common);
  add_memory_flag(command, l.memory);
  command.add_option("--device", l.device, "cpu or cuda")->capture_default_str()->type_name("DEVICE");
  command.add_flag("--deterministic", l.deterministic,
                   "Equal bits for equal input and threads; one thread unless --threads is given");
  auto* resume =
      command.add_flag("--resume", l.resume, "Continue the run; starts afresh where nothing was saved yet");
  command.add_option("--init-from", l.init_from, "Run whose trained weights to start from")->type_name("DIR");
  command.add_option("--max-time", l.max_time, "Save and stop with exit code 75 after this long, e.g. 30m")
      ->type_name("TIME");
  add_force_flag(command, l.force, "Start over: remove what a run left in DIR")->excludes(resume);
  add_rank_flags(command, l.ranks);
  add_log_flags(command, l.common);
}

}  // namespace

Command add_train(CLI::App& app, const Work<TrainLine>& work) {
  auto* command = app.add_subcommand("train", "Train a model");
  auto line = std::make_shared<TrainLine>();
  add_train_flags(*command, *line);
  command->footer(examples(
      {"msde train configs/kdv_1d.toml -o runs/kdv", "msde train configs/kdv_1d.toml -o runs/kdv --resume",
       "msde train configs/kdv_1d.toml -o runs/kdv --ranks 4",
       "msde train configs/wave_1d.toml -o runs/mine --set data.path=mine.h5 --seed 1 --max-time 30m"}));
  return {command, [line, work] { work(*line); }};
}

Command add_run(CLI::App& app, const Work<RunLine>& work) {
  auto* command =
      app.add_subcommand("run", "Generate if needed, train, evaluate; finished stages are skipped");
  auto line = std::make_shared<RunLine>();
  add_train_flags(*command, *line);
  command->footer(examples({"msde run configs/kdv_1d.toml -o runs/kdv_1d",
                            "msde run configs/wave_1d.toml -o runs/wave_1d --seed 1 --threads 2",
                            "msde run configs/kdv_1d.toml -o runs/macro_only --set model.n_eta=0"}));
  return {command, [line, work] { work(*line); }};
}

}  // namespace msde
