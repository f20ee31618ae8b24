// Every option of msde in one place: what a configuration file may say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/core/options.hpp"
#include "msde/infer/train_options.hpp"
#include "msde/model/model_options.hpp"
#include "msde/pde/generate_options.hpp"

namespace msde {

struct DataSettings {
  std::string path;          // empty: generate into the run
  GenerateOptions generate;  // defaults of the case
};

struct EvalSettings {
  int64_t n_steps = 0;  // snapshots scored; 0 = all
  int64_t members = 39;
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

// Defaults < defaults of the case < file < assignments of --set. `path` may be empty. Throws ConfigError.
Settings load_settings(const std::string& path, const std::vector<std::string>& assignments);

// The resolved configuration: every key with its value and meaning.
std::string to_toml(const Settings& settings);

// The first key that begins with one of `prefixes` and has another value in `other`; "" if there is none.
std::string first_difference(const Settings& settings, const Settings& other,
                             const std::vector<std::string>& prefixes);

}  // namespace msde
