#include "msde/run/settings.hpp"

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/field/clock.hpp"
#include "msde/pde/generate_options.hpp"

namespace msde {

OptionTable option_table(Settings& s) {
  OptionTable table;
  table.add("case.name", &s.case_name,
            {"name of the case; a benchmark case can be generated, see msde generate --help"});
  table.add("data.path", &s.data.path,
            {"file of the data, of any layout that msde info recognises, or a pattern of files that are one "
             "series or "
             "one set of trajectories, as \"out_*.nc\"; empty: generate the case into the run"});
  table.add(
      "data.variables", &s.data.variables,
      {"the channels: variables of the file by their names, in this order, as \"u,v\"; empty: all that are "
       "fields in time"});
  table.add("data.mask", &s.data.mask,
            {"which points are fluid: an array of the file by its name, or another file (.npy, HDF5, "
             "NetCDF), not 0 where "
             "there is fluid; \"!land\" where its numbers mark what is none; empty: an array 'mask' of the "
             "file, else "
             "points without a value throughout are none"});
  table.add("data.split", &s.data.split,
            {.meaning =
                 "of a file without splits: trajectories for training, validation and test, in stored order, "
                 "as [900, 50, 50]",
             .unit = "trajectories",
             .min = 0});
  table.add("data.split_time", &s.data.split_time,
            {"of a file without splits, in place of data.split: where validation and test begin in every "
             "trajectory, as snapshots counted from 0, \"600,700\", or times, \"t=12.5,15\""});
  table.add(
      "data.channel_weights", &s.data.channel_weights,
      {.meaning = "of each channel in the errors that training makes small; empty: every channel counts by "
                  "its variance, so that all count alike whatever their units",
       .min = 1e-3,
       .max = 1e3});
  table.add(
      "data.noise", &s.data.noise,
      {.meaning = "standard deviation of Gaussian noise that is added to the fields of a file without noise",
       .unit = "of the field",
       .min = 0});
  table.add("data.seed", &s.data.seed, {.meaning = "seed of data.noise", .min = 0});
  table.add(
      "data.subtract", &s.data.subtract,
      {.meaning =
           "constant that is subtracted from all fields of the file, e.g. 1 from the depth of PDEBench's "
           "shallow water",
       .unit = "of the field",
       .min = -kLargestOffset,
       .max = kLargestOffset});
  table.add("data.crop", &s.data.crop,
            {"points of each named axis that are kept, FIRST:LAST without the last, as x=0:64,y=10:20; "
             "empty: all"});
  table.add(
      "data.clock", &s.data.clock,
      {.meaning =
           "what of the calendar drives the fields, as [\"year\", \"day\"]: cosine and sine of the share "
           "of the year and of the day that has passed are forcings, in training and in "
           "predictions; of data whose times say their dates",
       .choices = clock_words()});
  table.add(
      "data.symmetry", &s.data.symmetry,
      {.meaning =
           "symmetries of every single field, which the reduced preset then cannot break: \"auto\" finds "
           "those that hold of the training data to within their noise, \"none\", or words as "
           "[\"reflect y\", \"swap y x\"]; \"reflect x at 0\" of a periodic axis mirrors about its first "
           "point"});
  table.add(
      "data.memory", &s.data.memory,
      {.meaning = "most memory that training and evaluation may take, for example \"1GiB\"; also --memory; "
                  "empty: what suits the data"});
  table.add("data.boundary", &s.data.boundary,
            {"periodic, wall, open, inflow or outflow, one word or one per axis; inflow:outflow where the "
             "ends of an axis "
             "differ; "
             "empty: what the file says, else msde info FILE shows what is assumed"});
  describe(table, s.data.generate);
  describe(table, s.model);
  describe(table, s.train);
  table.add(
      "train.init_from", &s.init_from,
      {"folder of the run whose trained weights to start from; also --init-from; empty: fresh networks"});
  table.add("eval.n_steps", &s.eval.n_steps,
            {.meaning = "snapshots scored, from the first; cut to the trajectory; 0 = all",
             .unit = "snapshots",
             .min = 0});
  table.add("eval.start_every", &s.eval.start_every,
            {.meaning = "snapshots from one start of a forecast to the next in validation and test, of "
                        "eval.n_steps snapshots each; 0 = one start, the first snapshot",
             .unit = "snapshots",
             .min = 0});
  table.add(
      "eval.members", &s.eval.members,
      {.meaning = "members of the ensembles that are scored; 39, 79 and 199 hit 50, 80, 90 and 95 % exactly; "
                  "0 = no calibration scores",
       .min = 0,
       .max = 100000});
  table.add(
      "eval.against", &s.eval.against,
      {.meaning = "baselines, strong variants, that msde run and evaluate fit to the training data and set "
                  "beside the "
                  "model, as [\"dmd\"]; persistence, the training mean and, of data with dates, the monthly "
                  "climatology always are",
       .choices = {"coarse_dns", "dmd", "pod_sindy"}});
  table.add(
      "log.every", &s.log.every,
      {.meaning = "time between progress lines where stderr is no terminal", .unit = "duration", .min = 0});
  return table;
}

Settings load_settings(const std::string& path, const std::vector<std::string>& assignments) {
  const auto read = [&](Settings& settings) {
    OptionTable table = option_table(settings);
    if (!path.empty()) table.read_file(path);
    for (const std::string& assignment : assignments) table.set(assignment, "--set");
  };
  // The defaults of data.generate belong to the case, so the first reading only learns its name.
  Settings probe;
  read(probe);
  Settings settings;
  if (has_case(probe.case_name)) settings.data.generate = default_generate_options(probe.case_name);
  read(settings);
  for (const auto& [key, value] : {std::pair{"eval.n_steps", settings.eval.n_steps},
                                   std::pair{"calibrate.n_steps", settings.train.calibrate.n_steps}})
    if (value == 1) throw ConfigError(std::string(key) + ": got 1, expected 0 (all snapshots) or at least 2");
  if (const auto window = settings.train.elbo.window; window > 0 && window < 4)
    throw ConfigError("train.window: got " + std::to_string(window) +
                      ", expected 0 (from the data) or at least 4 snapshots");
  if (settings.eval.start_every > 0 && settings.eval.n_steps == 0)
    throw ConfigError(
        "eval.start_every: needs eval.n_steps, the snapshots that a forecast from each start lasts; got 0 "
        "(all)");
  if (settings.data.path.empty() && has_case(settings.case_name))
    check(settings.case_name, settings.data.generate);
  memory_plan(settings.data);
  data_view(settings);
  return settings;
}

MemoryPlan memory_plan(const DataSettings& data) {
  try {
    return memory_plan(parse_bytes(data.memory));
  } catch (const ConfigError& error) {
    throw ConfigError("data.memory = " + data.memory + ": " + error.what());
  }
}

DataView data_view(const Settings& settings) {
  const DataSettings& data = settings.data;
  DataView view;
  view.split = data.split;
  view.split_time = data.split_time;
  if (!data.split_time.empty()) parse_split_time(data.split_time, "data.split_time");
  view.start_every = settings.eval.start_every;
  view.start_length = settings.eval.n_steps;
  view.noise = data.noise;
  view.seed = data.seed;
  view.subtract = data.subtract;
  view.variables = parse_names(data.variables, "data.variables");
  view.mask = data.mask;
  view.crop = parse_crop(data.crop, "data.crop");
  view.boundary = data.boundary;
  view.clock = data.clock;
  view.symmetry = data.symmetry;
  return view;
}

std::string to_toml(const Settings& settings) {
  Settings copy = settings;
  return option_table(copy).to_toml();
}

bool decides_training(const std::string& key) {
  if (key == "train.init_from") return false;  // the weights there do
  for (const char* prefix :
       {"model.", "prior.", "train.", "rollout.", "calibrate.", "eval.n_steps", "eval.start_every"})
    if (key.rfind(prefix, 0) == 0) return true;
  return false;
}

const std::vector<std::string>& keys_of_a_run() {
  static const std::vector<std::string> prefixes = {"case.",      "data.",        "model.",
                                                    "prior.",     "train.",       "rollout.",
                                                    "calibrate.", "eval.n_steps", "eval.start_every"};
  return prefixes;
}

std::string first_difference(const Settings& settings, const Settings& other,
                             const std::vector<std::string>& prefixes) {
  Settings a = settings, b = other;
  const OptionTable mine = option_table(a), theirs = option_table(b);
  for (size_t i = 0; i < mine.options().size(); ++i) {
    const auto &option = mine.options()[i], &counterpart = theirs.options()[i];
    if (option.key == "data.memory") continue;  // changes what is where, never what comes out
    const bool concerned = std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
      return option.key.rfind(prefix, 0) == 0;
    });
    if (concerned && OptionTable::value_as_toml(option) != OptionTable::value_as_toml(counterpart))
      return option.key;
  }
  return "";
}

}  // namespace msde
