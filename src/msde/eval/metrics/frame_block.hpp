// Consecutive frames of one trajectory, with all that any metric of the table looks at.
#pragma once

#include <vector>

#include "msde/eval/metrics/pointwise_metrics.hpp"
#include "msde/eval/metrics/spectrum.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// float64; B = 1 throughout. Undefined tensors: what the prediction does not have.
struct FrameFields {
  torch::Tensor truth, prediction;              // [1, T, C, *grid]
  torch::Tensor first_truth, first_prediction;  // [1, 1, C, *grid], frame 0 of the trajectory
  torch::Tensor mean, deviation;                // [1, T, C, *grid], predictive mean and standard deviation
  torch::Tensor members;                        // [M, 1, T, C, *grid], M >= 2
};

// The same for every block of a file.
struct MetricSetup {
  std::vector<int64_t> shape;  // of the grid
  double volume = 1;           // product of the lengths of its axes
  double eps = default_eps;
  uint64_t seed = 0;  // of ties among ranks
  ModeGroups radial, bins, shells;
};
MetricSetup metric_setup(const std::vector<int64_t>& shape, const std::vector<double>& length);

struct FrameBlock {
  FrameFields fields;
  const MetricSetup* setup = nullptr;
  torch::Tensor truth_power, prediction_power, error_power;  // [1, T, C, S], spectrum.hpp
  // Of the members, per frame: rank counts [T, M + 1], variance and squared error of the mean [T, 2], widths
  // of the central 50, 80, 90 and 95 % intervals [T, 4].
  torch::Tensor ranks, spread_skill, widths;

  int64_t frames() const { return fields.truth.size(1); }
  int64_t channels() const { return fields.truth.size(2); }
  int64_t members() const { return fields.members.defined() ? fields.members.size(0) : 0; }
};
// `position` numbers the frames of the whole file: no two share the seed that breaks ties.
FrameBlock frame_block(FrameFields fields, const MetricSetup& setup, int64_t position);

}  // namespace msde
