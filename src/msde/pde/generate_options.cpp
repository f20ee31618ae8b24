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
}

void check(const GenerateOptions& options) {
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
}

}  // namespace msde
