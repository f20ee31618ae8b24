// Training: the solver-free ELBO, then roll-out fine-tuning, then calibration.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "msde/field/dataset.hpp"
#include "msde/infer/time_steps.hpp"
#include "msde/infer/train_options.hpp"
#include "msde/model/multiscale.hpp"
#include "msde/tensor/ranks/process_group.hpp"

namespace msde {

struct TrainRequest {
  ModelOptions model;
  TrainOptions options;
  std::string data_path;
  DatasetOptions data;                  // how it is seen
  std::vector<double> channel_weights;  // [C] of the channels in all errors; empty: 1 each
  bool no_value_is_missing = false;  // Dataset::check_values has found none: not to read them all once more
  std::string checkpoint;            // file to continue from, written every while
  std::string metrics_csv;           // file that gets a line per reported step
  std::string fingerprint;           // of configuration and data; a checkpoint of another one is refused
  bool resume = false;               // continue from the checkpoint where there is one
  std::string init_from;             // folder of a model whose weights to start from, "" = fresh networks
  int64_t score_steps = 0;           // snapshots from the first on which validation is scored, 0 = all
  torch::Device device = torch::kCPU;
  std::optional<double> max_seconds;
  // Called by the leading rank once data and model have been found fit, before the first step.
  std::function<void(const Dataset&)> on_prepared = {};
  // Called by the leading rank after the ELBO stage, with its averaged weights in the model, before roll-outs.
  std::function<void(const MultiscaleModel&)> on_solver_free = {};
  double log_seconds = 10;  // between progress lines where stderr is no terminal
  RankedGroup group;  // of processes that share this training; all with the same request but for the files
};

struct TrainSummary {
  MultiscaleModel model{nullptr};
  double seconds = 0;  // over all sessions
  int64_t elbo_steps = 0, rollout_steps = 0;
  double solver_free_score = -1;  // validation rel_l2 after the ELBO stage alone
  double best_score = -1;         // validation rel_l2 of the weights kept
  TimeSteps steps;                // given, or chosen from the data
  std::string why_stopped;
  std::string brief() const;
};

// ConfigError where a step has fewer windows or roll-outs than there are ranks.
void require_work_for_all(const Ranks& ranks, const TrainOptions& options);

// With several ranks each does its share of every batch and of validation; the result is that of one, up to
// rounding. Rank 0 alone writes, and alone calibrates: the others' summaries hold no model.
// Errors: PeerLost, DataError, ConfigError, NumericsError where training diverges and does not recover,
// Stopped after saving on a signal (core/process/signals.hpp) or the time limit.
TrainSummary train(const TrainRequest& request);

}  // namespace msde
