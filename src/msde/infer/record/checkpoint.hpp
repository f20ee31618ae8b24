// Everything needed to continue training, in one atomic file.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "msde/infer/time_steps.hpp"
#include "msde/model/multiscale.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

enum class Stage { elbo, rollout, calibrate };
std::string to_string(Stage stage);

// Where training stands. Random numbers need no state: they are keyed by (seed, stream, step, index).
struct TrainState {
  Stage stage = Stage::elbo;
  int64_t step = 0;  // steps made in this stage
  int64_t optimiser_steps = 0;
  torch::Tensor first, second;  // moments of the optimiser, flat
  torch::Tensor average;        // averaged weights, flat
  // Averaged weights, flat: with the best validation score so far; before there is one, of some time ago.
  torch::Tensor best;
  double best_score = -1;  // negative: no validation yet
  int64_t best_step = 0;
  int64_t checks_without_improvement = 0;
  int64_t elbo_recoveries = 0;                // of a solver-free stage that diverged
  int64_t recoveries = 0;                     // of roll-outs that diverged
  int64_t retreats = 0;                       // to the best weights, of roll-outs that had lost them
  int64_t checks_astray = 0;                  // validations in turn that were far from the best
  int64_t rollout_steps = 0;                  // made, once that stage is over ..
  std::string why_stopped;                    // .. and why it ended, for people
  double solver_free_score = -1;              // validation score after the ELBO stage alone
  double seconds = 0;                         // spent training, over all sessions
  TimeSteps steps;                            // that training takes
  std::map<std::string, double> calibration;  // scores of the search so far (infer/calibrate.hpp)
};

// All of it but the tensors, as JSON. The second throws nlohmann's errors, and std::out_of_range for no stage.
std::string progress_to_json(const TrainState& state);
void set_progress(TrainState& state, const std::string& json);

// `fingerprint` names the configuration and the data that the training belongs to.
void save_checkpoint(const std::string& path, const MultiscaleModel& model, const TrainState& state,
                     const std::string& fingerprint);

struct Checkpoint {
  MultiscaleModel model{nullptr};
  TrainState state;
};
// Nothing where there is no file; ModelFormatError if it is damaged; ConfigError if the fingerprint differs.
std::optional<Checkpoint> load_checkpoint(const std::string& path, const std::string& fingerprint);

}  // namespace msde
