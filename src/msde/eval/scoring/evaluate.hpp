// Scores any Forecaster on one split of a dataset, streaming trajectory by trajectory.
//
// By default the point prediction gives the accuracy, and frame 0, which is given to the forecaster, is
// reported apart (rel_l2_t0) and is in no other score; another Protocol may ask for other frames or for an
// ensemble's mean. An ensemble gives the calibration, with observation noise added to its members because the
// truth is noisy. Every trajectory and every frame counts alike; fields of which a score is undefined are left
// out of it, and it is NaN where none is left. Rows of eval/metrics/metric_table.hpp, summed by a Scorer.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "msde/eval/metrics/metrics.hpp"
#include "msde/field/dataset.hpp"
#include "msde/field/forecaster.hpp"

namespace msde {

// What of a forecast is scored as its accuracy, and on which frames.
struct Protocol {
  std::string meaning = "predicted frames (t > 0) from the first noisy snapshot";
  int64_t first_frame = 1;      // 0: the given frame counts, too
  int64_t drop_last = 0;        // frames left out at the end
  int64_t mean_of_members = 0;  // 0: the point prediction; else the mean of so many members, each with ..
  int64_t decoder_draws = 1;    // .. the mean of so many draws of observation noise
};

struct EvaluateOptions {
  std::string split = "test";
  int64_t n_steps = 0;   // snapshots scored from the first, cut to the trajectory; 0 = all
  int64_t members = 39;  // 0 = no calibration; 39, 79 and 199 hit 50, 80, 90 and 95 % exactly
  uint64_t seed = 0;     // of the ensemble and of ties among ranks
  bool decoder_noise = true;
  Protocol protocol = {};
  // First snapshots of which values are missing, NaN, are filled before the forecaster sees them; empty: it sees them so.
  Dataset::Fill fill_first = {};
  std::function<void(int64_t done, int64_t total)> on_trajectory = {};
};

struct Calibration {
  double crps_fair = 0, ssr_adjusted = 0, energy_score = 0;
  std::map<int, double> coverage;       // per cent -> fraction: 50, 80, 90, 95
  std::vector<int64_t> rank_histogram;  // M + 1 counts
  // Of several channels, each by itself, [C].
  std::vector<double> crps_fair_per_channel = {}, ssr_adjusted_per_channel = {};
  std::map<int, std::vector<double>> coverage_per_channel = {};
};

// The scores of a part of the lead time: frames first .. last, frame 0 being given.
struct LeadTime {
  int64_t first = 0, last = 0;
  double rel_l2 = 0;
  double crps_fair = 0, ssr_adjusted = 0, coverage_90 = 0;  // of an ensemble
};

struct Evaluation {
  std::string case_name, split, forecaster;
  int64_t n_trajectories = 0, n_frames = 0;  // frames include the first
  int64_t starts_per_block =
      1;  // trajectories that follow each other and overlap (Dataset::starts_per_block)
  int64_t members = 0;
  uint64_t seed = 0;
  bool decoder_noise = true;
  Protocol protocol;

  MeanStd rel_l2, rel_l2_t0;                             // against the noisy truth
  std::optional<MeanStd> rel_l2_clean, rel_l2_clean_t0;  // where the file has clean fields
  // Of encoding and decoding alone, of every frame, the first included, where the forecaster encodes.
  std::optional<MeanStd> rel_l2_encode_decode, rel_l2_encode_decode_clean;
  std::vector<double> rel_l2_per_time;              // mean over trajectories, frame 0 first
  std::vector<double> rel_l2_clean_per_time;        // the same against clean fields; empty without them
  std::vector<double> rel_l2_per_trajectory;        // mean over scored frames
  std::vector<double> rel_l2_clean_per_trajectory;  // empty without clean fields
  double rmse = 0, vrmse = 0, nrmse_well = 0;
  // Of several channels, each by itself, [C]: the mean over (b, t) of norm2(p - y) / norm2(y), and rmse.
  std::vector<double> rel_l2_per_channel, rmse_per_channel, rel_l2_clean_per_channel;
  std::vector<LeadTime> lead_times;        // the thirds of the predicted frames; none with fewer than three
  std::optional<Calibration> calibration;  // with at least two members

  int64_t members_left =
      0;  // of all ensembles: left the region of training and are held there (model/free_runs.hpp)
  double predict_seconds_per_trajectory = 0;   // wall time of the point prediction
  double ensemble_seconds_per_trajectory = 0;  // of the point prediction and all members
  int64_t nfe_per_trajectory = 0;              // drift evaluations of the point prediction
};

// Errors: DataError for an absent split or a forecast of another shape, ConfigError for options out of range,
// NumericsError naming the trajectory where a forecast is not finite; Stopped on a signal.
Evaluation evaluate(const Forecaster& forecaster, const Dataset& data, const EvaluateOptions& options = {});

}  // namespace msde
