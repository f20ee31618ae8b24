#include "apps/msde/commands/import_line.hpp"

namespace msde {

Command add_import(CLI::App& app, const Work<ImportLine>& work) {
  auto* command = app.add_subcommand("import", "Write a file of another layout as a dataset");
  auto line = std::make_shared<ImportLine>();
  command
      ->add_option("file", line->input,
                   "File of fields, of any layout that msde info recognises, or a pattern of files that are "
                   "one, \"out_*.nc\"")
      ->required()
      ->type_name("FILE");
  command->add_option("-o,--output", line->output, "File to write")->required()->type_name("DATA");
  command
      ->add_option(
          "--split", line->split,
          "Trajectories for training, validation and test, in stored order; needed where the file has no "
          "splits")
      ->type_name("N,N,N");
  command
      ->add_option("--split-time", line->view.split_time,
                   "In place of --split: where validation and test begin in every trajectory, as snapshots "
                   "counted from 0 or as times (t=12.5,15)")
      ->type_name("N,N");
  command
      ->add_option("--noise", line->view.noise,
                   "Standard deviation of Gaussian noise to add; the fields without it are kept beside")
      ->capture_default_str();
  command->add_option("--seed", line->view.seed, "Seed of the noise")->capture_default_str();
  command->add_option("--subtract", line->view.subtract, "Constant to subtract from all fields")
      ->capture_default_str();
  command
      ->add_option("--crop", line->crop,
                   "Points to keep along named axes, the last one excluded: x=0:64,y=10:20")
      ->type_name("RANGES");
  command
      ->add_option(
          "--variables", line->variables,
          "The channels: variables of the file by their names, in this order; default: all that are fields "
          "in time")
      ->type_name("NAMES");
  command
      ->add_option(
          "--mask", line->view.mask,
          "Which points are fluid: an array of the file by its name, or another file; !NAME where its "
          "numbers mark what is none; default: what the file says")
      ->type_name("NAME");
  command->add_option("--case", line->view.case_name, "Name of the case; default: what the file says")
      ->type_name("NAME");
  command
      ->add_option(
          "--boundary", line->view.boundary,
          "periodic, wall, open, inflow or outflow, one word or one per axis, inflow:outflow where its ends "
          "differ; default: "
          "what the file says, else an assumption that msde info shows")
      ->type_name("WORDS");
  add_force_flag(*command, line->force, "Replace the file of -o if it exists");
  add_format_flag(*command, line->format, /*with_netcdf=*/true);
  add_threads_flag(*command, line->common);
  add_log_flags(*command, line->common);
  command->footer(
      examples({"msde import 2D_rdb_NA_NA.h5 -o data/swe.h5 --split 900,50,50 --subtract 1 --noise 0.01 "
                "--case shallow_water_2d",
                "msde import 1D_Burgers_Sols_Nu0.01.hdf5 -o data/burgers.h5 --split 9000,500,500",
                "msde import data/swe.h5 -o part.h5 --crop x=0:64,y=32:96"}));
  return {command, [line, work] { work(*line); }};
}

}  // namespace msde
