// Consecutive frames of one trajectory, or all frames of several, and what the metrics of the table look at, computed
// where one asks.
#pragma once

#include <vector>

#include "msde/eval/metrics/pointwise_metrics.hpp"
#include "msde/eval/metrics/spectrum.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// T frames: of one trajectory, or all those of `trajectories`, one trajectory after another. Undefined tensors: what the
// prediction does not have.
struct FrameFields {
  torch::Tensor truth, prediction;              // [1, T, C, *grid]
  torch::Tensor first_truth, first_prediction;  // [1, trajectories, C, *grid], frame 0 of each
  torch::Tensor mean, deviation;                // [1, T, C, *grid], predictive mean and standard deviation
  torch::Tensor members;                        // [M, 1, T, C, *grid], M >= 2
  int64_t trajectories = 1;
};

// The same for every block of a file.
struct MetricSetup {
  std::vector<int64_t> shape;  // of the grid
  double volume = 1;           // product of the lengths of its axes
  torch::Tensor fluid = {};    // the points that count, int64; undefined: all. With it no spectrum is defined
  Divisor divisor;
  uint64_t seed = 0;  // of ties among ranks
  ModeGroups radial, bins, shells;
};
MetricSetup metric_setup(const std::vector<int64_t>& shape, const std::vector<double>& length);
// Of fields that float64 holds, where float32 would round them.
MetricSetup for_fine_fields(MetricSetup setup, bool truth_is_fine, bool prediction_is_fine);

class FrameBlock {
 public:
  // `position` numbers the frames of all trajectories: no two share the seed that breaks ties. `fields` are kept as
  // [.., C, points that count] where these are not all.
  FrameBlock(FrameFields fields, const MetricSetup& setup, int64_t position);

  FrameFields fields;
  const MetricSetup* setup;

  int64_t frames() const { return fields.truth.size(1); }  // of all trajectories
  int64_t channels() const { return fields.truth.size(2); }
  int64_t members() const { return fields.members.defined() ? fields.members.size(0) : 0; }
  FrameBlock of_channel(int64_t channel) const;  // as if there were no other
  bool misses_values() const;                    // the truth does: NaN
  // One frame, of those values alone that the truth has: as a field of one channel, [.., 1, values], without spectra.
  FrameBlock of_seen(int64_t frame) const;
  torch::Tensor by_trajectory(
      const torch::Tensor& frames) const;  // [T, ..] -> [trajectories, frames of each, ..]

  // [1, T, C, S], spectrum.hpp
  const torch::Tensor& truth_power() const;
  const torch::Tensor& prediction_power() const;
  const torch::Tensor& error_power() const;
  torch::Tensor power_of(const torch::Tensor& fields) const;  // NaN where a spectrum is not defined
  // Of the members, per frame: rank counts [T, M + 1], fair CRPS [T], variance and squared error of the mean
  // [T, 2], widths of the central 50, 80, 90 and 95 % intervals [T, 4].
  const torch::Tensor& ranks() const;
  const torch::Tensor& fair_crps() const;
  const torch::Tensor& spread_skill() const;
  const torch::Tensor& widths() const;

  bool on_grid() const { return on_grid_; }  // all points of the grid count, so that spectra are defined

 private:
  void forget();  // what is computed once
  int64_t position_;
  bool on_grid_;
  // Once computed.
  mutable torch::Tensor truth_power_, prediction_power_, error_power_, ranks_, fair_crps_, spread_skill_,
      widths_;
};

}  // namespace msde
