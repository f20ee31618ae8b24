// Every option of msde in one place: what a configuration file may say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/core/options/options.hpp"
#include "msde/core/process/memory_plan.hpp"
#include "msde/field/data_view.hpp"
#include "msde/infer/train_options.hpp"
#include "msde/model/model_options.hpp"
#include "msde/pde/generate_options.hpp"

namespace msde {

struct DataSettings {
  std::string path;                     // empty: generate into the run
  std::vector<int64_t> split;           // of a file without splits, as of DataView
  std::string split_time;               // the same
  std::vector<double> channel_weights;  // of the channels in training's errors; empty: 1 each
  double noise = 0;
  int64_t seed = 0;
  double subtract = 0;
  std::string variables;           // "u,v"
  std::string mask;                // as of DataView
  std::string crop, boundary;      // "x=0:64,y=10:20", "open" or "open,wall"
  std::vector<std::string> clock;  // "year", "day"
  std::vector<std::string> symmetry = {"auto"};
  std::string memory;        // "1GiB": what the program may take; "" = what it likes
  GenerateOptions generate;  // defaults of the case
};

struct EvalSettings {
  int64_t n_steps = 0;      // snapshots scored; 0 = all
  int64_t start_every = 0;  // snapshots between starts in validation and test; 0 = one start
  int64_t members = 39;
  std::vector<std::string> against = {};  // baselines fitted beside: "dmd", "pod_sindy", "coarse_dns"
};

struct LogSettings {
  Duration every{10};
};

struct Settings {
  std::string case_name = "kdv_1d";
  DataSettings data;
  ModelOptions model;
  TrainOptions train;
  std::string init_from;  // run whose trained weights to start from, "" = fresh networks
  EvalSettings eval;
  LogSettings log;
};

// Describes every key; the table points into `settings`, which must outlive it and stay where it is.
OptionTable option_table(Settings& settings);

// How the data of this configuration are seen. ConfigError for a data.crop that cannot be read.
DataView data_view(const Settings& settings);
// What of them may be in memory. ConfigError for a data.memory that cannot be read or is too small.
MemoryPlan memory_plan(const DataSettings& data);

// Defaults < defaults of the case < file < assignments of --set. `path` may be empty. Throws ConfigError.
Settings load_settings(const std::string& path, const std::vector<std::string>& assignments);

// The resolved configuration: every key with its value and meaning.
std::string to_toml(const Settings& settings);

// Whether the value of a key decides the trained weights, given data as they are seen.
bool decides_training(const std::string& key);

// What the keys begin with that a run may not change once it has begun.
const std::vector<std::string>& keys_of_a_run();

// The first key that begins with one of `prefixes` and has another value in `other`; "" if there is none.
std::string first_difference(const Settings& settings, const Settings& other,
                             const std::vector<std::string>& prefixes);

}  // namespace msde
