#include "apps/msde/commands/predict_line.hpp"

namespace msde {

Command add_predict(CLI::App& app, const Work<PredictLine>& work) {
  auto* command = app.add_subcommand("predict", "Predict whole trajectories from first snapshots");
  auto line = std::make_shared<PredictLine>();
  command->add_option("run", line->run, "Folder of the run")->required()->type_name("DIR");
  command->add_option("-o,--output", line->output, "Folder for forecast.h5, or for images")
      ->required()
      ->type_name("OUTDIR");
  add_force_flag(*command, line->force, "Replace what is in OUTDIR already");
  auto* data = command
                   ->add_option("--data", line->data,
                                "Dataset whose first snapshots to start from; default: the run's")
                   ->type_name("FILE");
  auto* split =
      command->add_option("--split", line->start.split, "train, val or test")->capture_default_str();
  auto* from =
      command
          ->add_option(
              "--from", line->start.from,
              "Your own first snapshots, .h5, .npy, .npz or .vti: [C, *grid], [N, C, *grid], or whole "
              "trajectories [N, T, C, *grid]; beside them in .h5 or .npz: mu, t, f")
          ->type_name("FILE")
          ->excludes(data)
          ->excludes(split);
  command->add_option("--t-end", line->start.t_end, "Last time to predict; default: the end of the data");
  command
      ->add_option(
          "--mu", line->start.mu,
          "With --from: parameters of the trajectories; default: those of the file, else the mean of "
          "training")
      ->needs(from);
  command
      ->add_option("--t0", line->start.t0,
                   "With --from: time of the first snapshots; default: that of the file, else where training "
                   "starts")
      ->type_name("TIME")
      ->needs(from);
  command
      ->add_option(
          "--forcing", line->start.forcing,
          "With --from: .npy or .h5, [K, n_f] or [N, K, n_f] from the first snapshot on, one a frame; "
          "default: that of the file")
      ->type_name("FILE")
      ->needs(from);
  command
      ->add_option(
          "--members", line->members,
          "Ensemble members, each written to the file; without this flag mean and deviation of 39 are; "
          "0 = the point prediction alone")
      ->check(CLI::Range(int64_t{0}, int64_t{1000000}));
  command->add_option("--scheme", line->scheme, "srk, heun or euler_maruyama")->capture_default_str();
  command->add_option("--seed", line->seed, "Seed of the members; default: train.seed")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option(
          "--format", line->format,
          "hdf5: forecast.h5; vti: for ParaView, of each trajectory a .pvd with a .vti for each frame")
      ->check(CLI::IsMember({"hdf5", "vti"}))
      ->capture_default_str();
  command->add_flag("--observation-noise", line->observation_noise, "Add observation noise to the members");
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(
      examples({"msde predict runs/kdv_1d -o forecast", "msde predict runs/kdv_1d --from first.npy -o mine",
                "msde predict runs/burgers_2d --format vti -o paraview",
                "msde predict runs/kdv_1d --from first.h5 --t-end 0.5 --members 100 -o mine",
                "msde predict runs/winds --from july.npy --t0 114 --forcing season.npy -o august"}));
  return {command, [line, work] { work(*line); }};
}

}  // namespace msde
