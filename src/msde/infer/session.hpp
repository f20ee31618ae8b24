// What the stages of a training share: data, model, weights, where it stands, and when to save and stop.
#pragma once

#include <optional>
#include <string>

#include "msde/core/report/stopwatch.hpp"
#include "msde/infer/data/prepare.hpp"
#include "msde/infer/optimiser/optimiser.hpp"
#include "msde/infer/record/checkpoint.hpp"
#include "msde/infer/record/metrics_log.hpp"
#include "msde/infer/rollout.hpp"
#include "msde/infer/train.hpp"

namespace msde {

constexpr int64_t kLogEvery = 10;  // steps between rows of metrics.csv

// `state` is all that a checkpoint keeps.
class Session {
 public:
  Session(const TrainRequest& request, Prepared prepared, TrainState restored);

  uint64_t seed() const { return static_cast<uint64_t>(request.options.elbo.seed); }
  Ranks ranks() const { return request.group.ranks(); }
  std::string where() const;  // "elbo step 30"

  // Starts `stage` if training stands before it; false if it is over already.
  bool enter(Stage stage);
  Optimiser make_optimiser(double clip);
  LearningRates learning_rates(double muon_peak, double adam_peak, double shape) const;
  void write_row(const MetricsLog::Row& row);

  // One exchange a step: gradients and `row` of the whole batch from what the ranks' shares add to them, and
  // whether any rank wants to stop.
  void sum_over_ranks(MetricsLog::Row& row);
  // A loss or gradient that is no longer finite must not reach the weights.
  static bool is_sound(double loss, double gradient_norm);
  // NumericsError unless it is sound, with `advice`.
  void check(double loss, double gradient_norm, const std::string& advice) const;
  void update_average(int64_t step);
  // Back to the best weights so far, with an optimiser that knows nothing yet.
  void start_again_from_best();
  // Saves when it is time to, and before stopping for a signal or the time limit (Stopped).
  void after_step(const Optimiser& optimiser);
  // Saves that all steps are made.
  void save_before_calibration();
  // For calibration, which has no optimiser: as after_step().
  void save_and_stop_if_asked();
  // What a lost rank leaves of the training.
  std::string what_is_kept() const;

  // Runs `use` with the averaged weights in place of the current ones.
  template <class Use>
  auto with_average(Use use) {
    torch::NoGradGuard no_grad;
    const auto current = weights.values().clone();
    weights.values().copy_(state.average);
    const auto result = use();
    weights.values().copy_(current);
    return result;
  }

  const TrainRequest& request;
  Prepared data;
  MultiscaleModel model;
  FlatParameters weights;
  TrainState state;
  Centre centre;  // of every roll-out

 private:
  struct WishToStop {
    bool sigint = false, sigterm = false, out_of_time = false;
  };
  WishToStop own_wish_to_stop() const;
  void save(const Optimiser& optimiser);
  void save_state();
  void stop(const WishToStop& wish) const;

  std::optional<MetricsLog> log_;  // rank 0's
  WishToStop stop_;
  std::string saved_step_;  // "" = no checkpoint yet
  double seconds_before_;
  Stopwatch begun_, saved_;  // since the session began, since it last saved
};

}  // namespace msde
