// What to generate: the cases there are and the keys data.generate.* of a configuration. Without LibTorch,
// for help and configurations; cases.hpp has what computes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/core/error.hpp"
#include "msde/core/options/options.hpp"

namespace msde {

// The defaults are those of kdv_1d; other cases have their own (default_generate_options).
struct GenerateOptions {
  int64_t n_steps = 1001;                       // snapshots; the time range stays
  int64_t n_train = 10, n_val = 5, n_test = 5;  // trajectories
  double noise_std = .01;                       // standard deviation of the observation noise
  int64_t seed = 0;

  // Of a case in a stream (case_stream.hpp) alone; 0 and empty for all others.
  int64_t cells_per_diameter = 0;  // of the solver
  int64_t n_beyond = 0;            // snapshots after the last, of the test trajectories
  // Reynolds numbers of the trajectories. One of training alone: its trajectory is cut in time.
  std::vector<double> reynolds = {}, reynolds_val = {}, reynolds_test = {};

  bool cut_in_time() const { return !reynolds.empty() && reynolds_val.empty() && reynolds_test.empty(); }
};

// A case as the user chooses it: the plain part of its row (case_rows-inl.hpp).
struct CaseChoice {
  std::string name;
  std::string meaning;  // one line for --help
  GenerateOptions defaults;
};
const std::vector<CaseChoice>& case_choices();

std::vector<std::string> case_names();  // that msde can generate
bool has_case(const std::string& name);
ConfigError unknown_case(const std::string& name);  // names the nearest case and all valid ones
GenerateOptions default_generate_options(const std::string& case_name);  // throws unknown_case

// Registers data.generate.* with the current values as defaults. The defaults belong to the case, so read
// twice: once to learn case.name, then into default_generate_options(case.name); a file that sets some keys
// keeps the rest of its case.
void describe(OptionTable& table, GenerateOptions& options);

// ConfigError naming key, got and expected for a value out of range, and for one that the case does not have.
void check(const std::string& case_name, const GenerateOptions& options);

}  // namespace msde
