// Computes every metric of the table that the data allow, from blocks of frames as they come.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "msde/eval/metrics/metric_table.hpp"
#include "msde/eval/metrics/spectra.hpp"

namespace msde {

struct ScoreShape {
  int64_t frames = 0;        // of every trajectory, frame 0 included
  int64_t first_frame = 1;   // the frames before it are given, not predicted: not scored
  int64_t members = 0;       // of the ensemble, below 2 = none
  bool deviation = false;    // a predictive mean and standard deviation are there
  torch::Tensor times = {};  // [T] since frame 0; undefined: counted in frames
};

// One metric of the table.
struct Score {
  const MetricRow* row = nullptr;
  double value = 0;                 // NaN: undefined
  std::optional<double> std;        // for rows with_std
  int64_t undefined = 0;            // values that the truth does not allow; they are left out
  std::vector<double> per_time;     // the same, frame by frame, frame 0 first; empty for rows with a window
  std::vector<double> per_channel;  // of rows with channels of their own, where there are several
  torch::Tensor per_frame;          // [N, T] for rows with_std: the value of every frame
  std::vector<int64_t> histogram;   // of rank_histogram
};
struct Scores {
  std::vector<Score> metrics;  // in the order of the table
  std::vector<Score> initial;  // of frame 0 alone, where first_frame > 0
  Spectra spectra;             // of the scored frames
};

// Rows whose needs the data meet and whose window holds frames; of the ids `only`, where some are given.
std::vector<const MetricRow*> available_metrics(const ScoreShape& shape,
                                                const std::vector<std::string>& only = {});

class Scorer {
 public:
  // All metrics, also frame by frame, and the spectra; or the scores of `only` some, for which no more is
  // computed of a block than they ask for.
  explicit Scorer(const ScoreShape& shape, const std::vector<std::string>& only = {});
  // `first` is the number of the block's first frame. Blocks of a trajectory come in order and without gaps; one of
  // several trajectories has all their frames.
  void add(int64_t first, const FrameBlock& block);
  bool has_blocks() const { return has_blocks_; }  // without any there are no scores
  Scores scores() const;
  // The score `id` of frames first .. last - 1 alone; NaN where undefined. Of rows with `reduce`.
  double score_between(const std::string& id, int64_t first, int64_t last) const;

 private:
  struct Sum {
    const MetricRow* row;
    MetricSums sums;                      // [T, Q]
    std::vector<MetricSums> of_channels;  // [T, Q] each, for rows with blocks of channels
    std::vector<torch::Tensor> pending;  // values of the trajectories at hand, where the row wants them whole
    std::vector<double> of_trajectories;
    std::vector<torch::Tensor> of_frames;  // [n] each, block after block, for rows with_std
    int64_t undefined = 0;
  };
  void add_values(Sum* sum, int64_t first, const torch::Tensor& values);
  void accumulate(MetricSums* sums, int64_t first, const torch::Tensor& values) const;
  void add_channels(int64_t first, const FrameBlock& block);
  std::vector<double> per_channel(const Sum& sum) const;

  ScoreShape shape_;
  bool all_, has_blocks_ = false;
  std::vector<Sum> sums_;
  Spectra spectra_;
};

// Of tensors in memory: truth and prediction [B, T, C, *grid], members [M, B, T, C, *grid] or undefined.
Scores score_tensors(const torch::Tensor& prediction, const torch::Tensor& truth,
                     const torch::Tensor& members = {}, int64_t first_frame = 1);

}  // namespace msde
