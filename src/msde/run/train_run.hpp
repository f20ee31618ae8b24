// Training as a stage of a run: skipped where it is finished already, continued where it was interrupted.
#pragma once

#include <optional>

#include "msde/run/run_directory.hpp"
#include "msde/run/settings.hpp"
#include "msde/tensor/ranks/process_group.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Beside the configuration: how this session trains. None of it changes the weights, up to rounding.
struct TrainRunRequest {
  Existing existing = Existing::refuse;  // resume: from the last checkpoint, where there is one
  std::optional<double> max_seconds;     // Stopped after saving
  torch::Device device = torch::kCPU;
  bool no_value_is_missing = false;  // require_data() has looked
  RankedGroup group;                 // of processes that share the training
};

// Trains unless model/ already holds the result for this configuration and these data: data where they are
// missing, model/, manifest. Of several ranks all call it; rank 0 alone generates data and writes. The folder
// is made by open_run(). Errors: those of train().
void ensure_trained(const RunLayout& run, const Settings& settings, const TrainRunRequest& request);

}  // namespace msde
