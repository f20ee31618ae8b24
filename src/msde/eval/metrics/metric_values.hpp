// The functions that the rows of metric_table.cpp are made of: from a block of frames to numbers [T, Q], and
// from their sums to a score. Only metric_table.cpp includes this file.
#pragma once

#include <cmath>
#include <limits>

#include "msde/eval/metrics/calibration_metrics.hpp"
#include "msde/eval/metrics/metric_table.hpp"
#include "msde/eval/metrics/metrics.hpp"
#include "msde/eval/metrics/pdebench_metrics.hpp"

namespace msde::metric_values {

using torch::Tensor;
using Block = const FrameBlock&;
using Sums = const MetricSums&;

// --- values: [1, T, C, ..] or [trajectories, frames of each, C, ..] -> [T, Q] --------------------------------------------------------------------

inline Tensor rows(const Tensor& values) {
  return values.reshape({values.size(0) * values.size(1), -1});
}

template <Tensor (*metric)(const Tensor&, const Tensor&)>
Tensor of_point(Block b) {
  return rows(metric(b.fields.prediction, b.fields.truth));
}
template <Tensor (*metric)(const Tensor&, const Tensor&, const Divisor&)>
Tensor divided(Block b) {
  return rows(metric(b.fields.prediction, b.fields.truth, b.setup->divisor));
}
template <Tensor (*metric)(const Tensor&, const Tensor&, const Tensor&)>
Tensor of_distribution(Block b) {
  return rows(metric(b.fields.mean, b.fields.deviation, b.fields.truth));
}

// Undefined where points that do not count leave the faces of the grid no place.
inline Tensor error_of_boundary(Block b) {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  if (!b.on_grid()) return torch::full({b.frames(), b.channels()}, nan, torch::kDouble);
  return of_point<brmse_per_field>(b);
}

inline Tensor squared_rel_l2(Block b) {
  return rows(rel_l2_where_defined(b.fields.prediction, b.fields.truth)).pow(2);
}
inline Tensor root_mse(Block b) {
  return of_point<mse_per_field>(b).sqrt();
}

template <int64_t bin>
Tensor error_of_bin(Block b) {
  return rows(sum_of_groups(b.error_power(), b.setup->bins).select(-1, bin));
}
// Relative to the power of the truth in the same bin, undefined where that is lost in rounding.
template <int64_t bin>
Tensor relative_error_of_bin(Block b) {
  const auto truth = sum_of_groups(b.truth_power(), b.setup->bins).select(-1, bin);
  const auto negligible = truth <= 1e-24 * b.truth_power().sum(-1);
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  return rows(
      (sum_of_groups(b.error_power(), b.setup->bins).select(-1, bin) / truth).masked_fill(negligible, nan));
}
template <const ShellRange& range>
Tensor error_of_shells(Block b) {
  const auto sums = sum_of_groups(b.error_power(), b.setup->shells);
  const int64_t last = range.last < 0 ? sums.size(-1) : range.last;
  return rows(sums.slice(-1, range.first, last)) * std::pow(b.setup->volume, 2);
}

inline Tensor drift(Block b, const Tensor& fields, const Tensor& first) {
  return rows(drift_per_field(b.by_trajectory(fields[0]), first.transpose(0, 1)));
}

template <Tensor (*metric)(const Tensor&, const Tensor&)>
Tensor of_members(Block b) {
  return rows(metric(b.fields.members, b.fields.truth));
}
inline Tensor fair_crps(Block b) {
  return rows(b.fair_crps().unsqueeze(0));
}
inline Tensor biased_crps(Block b) {
  return rows(crps_biased_per_frame(b.fields.members, b.fields.truth, b.fair_crps().unsqueeze(0)));
}
template <int64_t column>
Tensor width(Block b) {
  return b.widths().narrow(1, column, 1);
}
inline Tensor spread_and_skill(Block b) {
  return b.spread_skill();
}
inline Tensor ranks(Block b) {
  return b.ranks();
}

// --- reductions -----------------------------------------------------------------------------------------

inline double mean(Sums s) {
  return (s.sum.sum() / s.count.sum()).item<double>();
}
inline double root_of_batch_mean(Sums s) {
  return (s.sum / s.count).sqrt().nanmean().item<double>();
}
inline double batch_maximum(Sums s) {
  return s.largest.mean().item<double>();
}
inline double column_mean(Sums s, int64_t column) {
  return (s.sum.select(1, column).sum() / s.count.select(1, column).sum()).item<double>();
}
template <int level>
double coverage_level(Sums s) {
  return coverage_of_ranks(s.sum.sum(0).round().to(torch::kLong), level / 100.);
}
inline double reliability(Sums s) {
  return reliability_index(s.sum.sum(0));
}
inline double spread(Sums s) {
  return std::sqrt(column_mean(s, 0));
}
inline double skill(Sums s) {
  return std::sqrt(column_mean(s, 1));
}
inline double spread_over_skill(Sums s) {
  return SpreadSkill{column_mean(s, 0), column_mean(s, 1), s.members}.ssr_adjusted();
}

// [B, T, Q] -> [B]
inline Tensor root_of_time_mean(const Tensor& values, const Tensor&) {
  return values.nanmean(c10::IntArrayRef{1, 2}).sqrt();
}
// Time of the first frame that is 0, the last time where there is none; mean over channels.
inline Tensor first_failure(const Tensor& values, const Tensor& times) {
  const auto failed = values == 0;
  const auto first = failed.to(torch::kLong).argmax(1);  // the first of equal values
  return torch::where(failed.any(1), times.index_select(0, first.flatten()).view_as(first), times[-1])
      .mean(1);
}
inline Tensor never_failed(const Tensor& values, const Tensor&) {
  return (values == 0).any(1).logical_not().to(torch::kDouble).mean(1);
}

}  // namespace msde::metric_values
