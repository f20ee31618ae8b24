// The command line of `msde predict`: what is predicted, and from what.
#pragma once

#include <optional>
#include <string>

#include "apps/msde/commands/command.hpp"
#include "apps/msde/flags/common_flags.hpp"
#include "msde/run/starts/start_request.hpp"

namespace msde {

struct PredictLine {
  CommonFlags common;
  std::string run, data, output, scheme = "srk", format = "hdf5";
  StartRequest start;
  std::optional<int64_t> members, seed;
  bool observation_noise = false, force = false;
};

Command add_predict(CLI::App& app, const Work<PredictLine>& work);
void work(const PredictLine& line);  // predict.cpp

}  // namespace msde
