#include "msde/pde/generate_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/core/options/nearest.hpp"
#include "msde/pde/case_rows-inl.hpp"

namespace msde {

const std::vector<CaseChoice>& case_choices() {
  static const std::vector<CaseChoice> table = case_rows();
  return table;
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const CaseChoice& row : case_choices()) names.push_back(row.name);
  return names;
}

bool has_case(const std::string& name) {
  const auto names = case_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

ConfigError unknown_case(const std::string& name) {
  const auto valid = case_names();
  return ConfigError(fmt::format("unknown case '{}'{}; msde can generate: {}", name,
                                 did_you_mean(name, valid), fmt::join(valid, ", ")));
}

GenerateOptions default_generate_options(const std::string& case_name) {
  for (const CaseChoice& row : case_choices())
    if (row.name == case_name) return row.defaults;
  throw unknown_case(case_name);
}

constexpr double kMostNoise = 1e30;  // float32 holds fields with it

void describe(OptionTable& table, GenerateOptions& options) {
  const std::string own = "; each case has its own default";
  table.add("data.generate.n_steps", &options.n_steps,
            {.meaning = "snapshots per trajectory; the time range stays" + own, .min = 2});
  table.add("data.generate.n_train", &options.n_train,
            {.meaning = "trajectories for training" + own, .min = 1});
  table.add("data.generate.n_val", &options.n_val,
            {.meaning = "trajectories for validation" + own, .min = 1});
  table.add("data.generate.n_test", &options.n_test,
            {.meaning = "trajectories for the test" + own, .min = 1});
  table.add("data.generate.noise_std", &options.noise_std,
            {.meaning = "standard deviation of the observation noise" + own,
             .unit = "of the field",
             .min = 0,
             .max = kMostNoise});
  table.add("data.generate.seed", &options.seed,
            {.meaning = "seed of random parameters and noise", .min = 0});
  const std::string alone = "cylinder_2d alone: ";
  table.add(
      "data.generate.cells_per_diameter", &options.cells_per_diameter,
      {.meaning = alone + "cells of the solver along the cylinder's diameter, 20 or 40; 10 for a first look",
       .unit = "cells",
       .min = 0});
  table.add("data.generate.n_beyond", &options.n_beyond,
            {.meaning = alone + "snapshots after the last that belongs to the data, of the test trajectories",
             .unit = "snapshots",
             .min = 0});
  table.add(
      "data.generate.reynolds", &options.reynolds,
      {.meaning = alone + "Reynolds numbers of the training trajectories; one, without those of validation "
                          "and test: that trajectory is cut in time",
       .min = 1,
       .max = 400});
  table.add("data.generate.reynolds_val", &options.reynolds_val,
            {.meaning = alone + "Reynolds numbers of the validation trajectories", .min = 1, .max = 400});
  table.add("data.generate.reynolds_test", &options.reynolds_test,
            {.meaning = alone + "Reynolds numbers of the test trajectories", .min = 1, .max = 400});
}

namespace {

// What check() asks of a case in a stream.
void check_stream(const std::string& case_name, const GenerateOptions& options) {
  const auto refuse = [](const std::string& key, const std::string& got, const std::string& expected) {
    throw ConfigError("data.generate." + key + ": got " + got + ", expected " + expected);
  };
  const std::vector<int64_t> cells = {10, 20, 40};
  if (std::find(cells.begin(), cells.end(), options.cells_per_diameter) == cells.end())
    refuse("cells_per_diameter", std::to_string(options.cells_per_diameter), "10, 20 or 40");
  constexpr int64_t most = 50000;  // 500 time units each: float32 tells times apart
  for (const auto& [key, n] : {std::pair{"n_steps", options.n_steps}, {"n_beyond", options.n_beyond}})
    if (n < 0 || n > most) refuse(key, std::to_string(n), "at least 0, at most 50000");
  constexpr double slowest = 1, fastest = 400;  // beyond, cells of a 40th do not resolve the wake
  for (const auto& [key, values] : {std::pair{"reynolds", &options.reynolds},
                                    {"reynolds_val", &options.reynolds_val},
                                    {"reynolds_test", &options.reynolds_test}})
    for (const double value : *values)
      if (!(value >= slowest && value <= fastest))
        refuse(key, fmt::format("{}", value), "numbers of 1 to 400");
  if (options.reynolds.empty()) refuse("reynolds", "[]", "a number at least");
  for (const auto& [key, n] :
       {std::pair{"n_train", options.n_train}, {"n_val", options.n_val}, {"n_test", options.n_test}})
    if (n != 1)
      refuse(key, std::to_string(n),
             "1: " + case_name +
                 " has the trajectories that data.generate.reynolds, reynolds_val and "
                 "reynolds_test name, or one, cut in time");
  if (options.cut_in_time()) {
    if (options.reynolds.size() > 1)
      refuse("reynolds", fmt::format("{} numbers", options.reynolds.size()),
             "also reynolds_val and reynolds_test, or one number, whose trajectory is cut in time");
    constexpr int64_t fewest = 6;  // two in each part
    if (options.n_steps < fewest)
      refuse("n_steps", std::to_string(options.n_steps), "at least 6 snapshots, which are cut in time");
  } else if (options.reynolds_val.empty() || options.reynolds_test.empty()) {
    refuse(options.reynolds_val.empty() ? "reynolds_val" : "reynolds_test", "[]",
           "a number at least, as the other has");
  }
}

}  // namespace

void check(const std::string& case_name, const GenerateOptions& options) {
  const auto require = [](bool holds, const std::string& key, double got, const char* expected) {
    if (!holds) {
      throw ConfigError("data.generate." + key + ": got " + std::to_string(got) + ", expected " + expected);
    }
  };
  require(options.n_steps >= 2, "n_steps", static_cast<double>(options.n_steps), "at least 2 snapshots");
  require(options.n_train >= 1, "n_train", static_cast<double>(options.n_train), "at least 1");
  require(options.n_val >= 1, "n_val", static_cast<double>(options.n_val), "at least 1");
  require(options.n_test >= 1, "n_test", static_cast<double>(options.n_test), "at least 1");
  require(options.noise_std >= 0 && options.noise_std <= kMostNoise, "noise_std", options.noise_std,
          "0 to 1e30");
  require(options.seed >= 0, "seed", static_cast<double>(options.seed), "at least 0");
  if (default_generate_options(case_name).cells_per_diameter > 0) return check_stream(case_name, options);
  for (const auto& [key, given] : {std::pair{"cells_per_diameter", options.cells_per_diameter != 0},
                                   {"n_beyond", options.n_beyond != 0},
                                   {"reynolds", !options.reynolds.empty()},
                                   {"reynolds_val", !options.reynolds_val.empty()},
                                   {"reynolds_test", !options.reynolds_test.empty()}})
    if (given)
      throw ConfigError(fmt::format(
          "data.generate.{}: the case {} does not have this key, cylinder_2d alone does; leave it out", key,
          case_name));
}

}  // namespace msde
