// Every metric of msde, once: its id, what it is, and how it is computed. `msde score`, metrics.json,
// docs/metrics.md and the tests walk over this table.
//
// `values` looks at a block of T frames of one trajectory, or of several whole ones, and gives numbers [T, Q] (Q: what
// the metric has per frame, e.g. channels), NaN where undefined. They are summed over trajectories as they come, frame by
// frame, and `reduce` turns the sums of the scored frames into the score: so files larger than memory are
// scored.
#pragma once

#include <string>
#include <vector>

#include "msde/eval/metrics/frame_block.hpp"

namespace msde {

// Of the scored frames, [T, Q] each, over all trajectories; undefined values are in none of them.
struct MetricSums {
  torch::Tensor sum, square, count, largest;
  int64_t members = 0;
};

struct FrameWindow {
  int64_t first = 0, last = -1;
  bool initial_frame = false;
};

enum class Needs { nothing, deviation, members };

// Whether each of several channels is scored by itself, too: not, by its column (Q = C), or by blocks of it alone.
enum class Channels { together, columns, blocks };

struct MetricRow {
  const char *id, *formula, *unit, *best, *source;
  Needs needs = Needs::nothing;
  torch::Tensor (*values)(const FrameBlock& block) = nullptr;
  // One of these two: of the sums, or [B] of the values [B, T, Q] of trajectories and the times [T] since frame 0,
  // which is then averaged over all trajectories. Neither: a row that is described here and computed elsewhere.
  double (*reduce)(const MetricSums& sums) = nullptr;
  torch::Tensor (*of_trajectories)(const torch::Tensor& values, const torch::Tensor& times) = nullptr;
  // Frames that count, from the first scored one; last = -1: all. Or frame 0 alone.
  FrameWindow window = {};
  Channels channels = Channels::together;
  bool with_std = false;      // population standard deviation over all values beside the mean
  bool against_truth = true;  // false: of the prediction alone, the same against any truth
};
const std::vector<MetricRow>& metric_table();

// The formula of a key of metrics.json or of a score ("rel_l2_clean", "coverage.90", "coverage"); "" if
// unknown.
std::string formula_of(const std::string& key);

// The id of a metric against clean fields: rel_l2_clean, rel_l2_clean_t0, coverage_clean.90.
std::string clean_id(const std::string& id);

}  // namespace msde
