// The work behind `msde compare`: trains what is missing, fits the baselines, scores all on the same frames.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/eval/comparison/comparison.hpp"
#include "msde/run/settings.hpp"

namespace msde {

// What is compared. Runs lie in FOLDER/runs/NAME/seed-K: ordinary runs, which every other command can read.
struct ComparisonPlan {
  Settings settings;
  std::string folder;
  std::vector<std::string> models;  // names of rows, empty: all
  std::vector<int64_t> n_eta;       // sizes to choose among, empty: none
  int64_t seeds = 3;                // of learned rows, counted from train.seed
  std::string split = "test";
  bool published_protocol = false;
  std::string configuration;  // file
  std::vector<std::string> assignments;

  // `msde compare ...` that makes this comparison again, or one row of it.
  std::string command() const { return command_for(""); }
  std::string command_for(const std::string& row) const;
};

// The resolved configuration of all rows, which trainings read.
std::string configuration_file(const std::string& folder);

// A row or resolution that fails has a status and no scores. Errors: ConfigError (an unknown name, a case
// without published scripts), DataError, Stopped after handing on a signal.
Comparison compare(const ComparisonPlan& plan);

}  // namespace msde
