// The command line of `msde predict`: what is predicted, and from what.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/msde/command.hpp"
#include "apps/msde/common_flags.hpp"

namespace msde {

struct PredictLine {
  CommonFlags common;
  std::string run, data, from, output, split = "test", scheme = "srk";
  std::optional<int64_t> members, seed;
  std::optional<double> t_end;
  std::vector<double> mu;
  bool observation_noise = false;
};

Command add_predict(CLI::App& app, const Work<PredictLine>& work);
void work(const PredictLine& line);  // predict.cpp

}  // namespace msde
