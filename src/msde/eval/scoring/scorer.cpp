#include "msde/eval/scoring/scorer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "msde/eval/metrics/per_field.hpp"
#include "msde/eval/metrics/values_of.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {
namespace {

using torch::Tensor;

struct Frames {
  int64_t first = 0, last = 0;
  int64_t count() const { return last - first; }
};

Frames frames_of(const MetricRow& row, const ScoreShape& shape) {
  if (row.window.initial_frame) return {0, shape.first_frame > 0 ? 1 : 0};
  if (row.window.last < 0) return {shape.first_frame, shape.frames};
  return {shape.first_frame + row.window.first, shape.first_frame + row.window.last};
}

MetricSums between(const MetricSums& sums, Frames frames) {
  const auto cut = [&](const Tensor& x) { return x.slice(0, frames.first, frames.last); };
  return {cut(sums.sum), cut(sums.square), cut(sums.count), cut(sums.largest), sums.members};
}

MetricSums of_column(const MetricSums& sums, int64_t column) {
  const auto cut = [&](const Tensor& x) { return x.narrow(1, column, 1); };
  return {cut(sums.sum), cut(sums.square), cut(sums.count), cut(sums.largest), sums.members};
}

std::vector<int64_t> counts(const Tensor& sum) {
  const auto total = sum.sum(0).round().to(torch::kLong).contiguous();
  return {total.data_ptr<int64_t>(), total.data_ptr<int64_t>() + total.numel()};
}

double std_of(const MetricSums& s) {
  const double n = s.count.sum().item<double>(), mean = s.sum.sum().item<double>() / n;
  return std::sqrt(std::max(0., s.square.sum().item<double>() / n - mean * mean));
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  int64_t n = 0;
  for (const double v : values)
    if (!std::isnan(v)) sum += v, ++n;
  return n ? sum / static_cast<double>(n) : std::numeric_limits<double>::quiet_NaN();
}

Tensor times_of(const ScoreShape& shape) {
  return shape.times.defined() ? shape.times : torch::arange(shape.frames, torch::kDouble);
}

}  // namespace

std::vector<const MetricRow*> available_metrics(const ScoreShape& shape,
                                                const std::vector<std::string>& only) {
  std::vector<const MetricRow*> rows;
  for (const auto& row : metric_table()) {
    if (!only.empty() && std::find(only.begin(), only.end(), row.id) == only.end()) continue;
    if (row.needs == Needs::members && shape.members < 2) continue;
    if (row.needs == Needs::deviation && !shape.deviation) continue;
    const auto frames = frames_of(row, shape);
    if (frames.count() > 0 && frames.last <= shape.frames) rows.push_back(&row);
  }
  return rows;
}

Scorer::Scorer(const ScoreShape& shape, const std::vector<std::string>& only)
    : shape_(shape), all_(only.empty()) {
  for (const auto* row : available_metrics(shape, only)) sums_.push_back({row, {}, {}, {}, {}, {}, 0});
}

void Scorer::add_values(Sum* sum, int64_t first, const Tensor& values) {  // [B, n, Q]
  const int64_t n = values.size(1);
  if (sum->row->of_trajectories) {
    sum->pending.push_back(values);
    if (first + n < shape_.frames) return;
    const auto from = shape_.first_frame;
    const auto scored = torch::cat(sum->pending, 1).slice(1, from);
    sum->undefined += scored.isnan().sum().item<int64_t>();
    const auto each = sum->row->of_trajectories(scored, times_of(shape_).slice(0, from)).contiguous();
    const auto* value = each.data_ptr<double>();
    sum->of_trajectories.insert(sum->of_trajectories.end(), value, value + each.numel());
    sum->pending.clear();
    return;
  }
  if (sum->row->with_std) sum->of_frames.push_back(values.select(2, 0).flatten());
  accumulate(&sum->sums, first, values);
  const auto frames = frames_of(*sum->row, shape_);
  const int64_t from = std::clamp<int64_t>(frames.first - first, 0, n);
  const int64_t to = std::clamp<int64_t>(frames.last - first, 0, n);
  sum->undefined += values.isnan().slice(1, from, to).sum().item<int64_t>();
}

void Scorer::accumulate(MetricSums* s, int64_t first, const Tensor& values) const {  // [B, n, Q]
  if (!s->sum.defined()) {
    s->sum = torch::zeros({shape_.frames, values.size(2)}, torch::kDouble);
    s->square = s->sum.clone(), s->count = s->sum.clone(), s->largest = s->sum.clone();
    s->members = shape_.members;
  }
  const auto here = [&](Tensor& x) { return x.narrow(0, first, values.size(1)); };
  const auto nan = values.isnan();
  const auto known = values.masked_fill(nan, 0);
  here(s->sum) += known.sum(0);
  here(s->square) += known.pow(2).sum(0);
  here(s->count) += nan.logical_not().sum(0);
  here(s->largest).copy_(torch::maximum(here(s->largest), known.amax(0)));
}

void Scorer::add_channels(int64_t first, const FrameBlock& block) {
  if (block.channels() < 2) return;
  for (int64_t c = 0; c < block.channels(); ++c) {
    const FrameBlock one = block.of_channel(c);
    for (auto& sum : sums_) {
      if (sum.row->channels != Channels::blocks) continue;
      sum.of_channels.resize(static_cast<size_t>(block.channels()));
      accumulate(&sum.of_channels[static_cast<size_t>(c)], first,
                 one.by_trajectory(values_of(*sum.row, one)));
    }
  }
}

std::vector<double> Scorer::per_channel(const Sum& sum) const {
  const auto frames = frames_of(*sum.row, shape_);
  std::vector<double> scores;
  for (const auto& channel : sum.of_channels) scores.push_back(sum.row->reduce(between(channel, frames)));
  if (const auto scored = between(sum.sums, frames);
      sum.row->channels == Channels::columns && scored.sum.size(1) > 1)
    for (int64_t c = 0; c < scored.sum.size(1); ++c) scores.push_back(sum.row->reduce(of_column(scored, c)));
  return scores;
}

void Scorer::add(int64_t first, const FrameBlock& block) {
  has_blocks_ = true;
  for (auto& sum : sums_) add_values(&sum, first, block.by_trajectory(values_of(*sum.row, block)));
  add_channels(first, block);
  if (!all_) return;
  const int64_t of_each = block.frames() / block.fields.trajectories;
  const int64_t skipped = std::clamp<int64_t>(shape_.first_frame - first, 0, of_each);
  if (skipped < of_each) spectra_.add(block, skipped, of_each - skipped);
}

Scores Scorer::scores() const {
  Scores result;
  for (const auto& sum : sums_) {
    Score score{sum.row, 0, {}, sum.undefined, {}, {}, {}, {}};
    const auto& row = *sum.row;
    if (row.of_trajectories) {
      score.value = mean_of(sum.of_trajectories);
      result.metrics.push_back(score);
      continue;
    }
    const auto frames = frames_of(row, shape_);
    const auto scored = between(sum.sums, frames);
    if (!row.reduce) {
      score.value = std::numeric_limits<double>::quiet_NaN();
      score.histogram = counts(scored.sum);
      result.metrics.push_back(score);
      continue;
    }
    score.value = row.reduce(scored);
    score.per_channel = per_channel(sum);
    if (row.with_std) {
      score.std = std_of(scored);
      score.per_frame = torch::cat(sum.of_frames).reshape({-1, shape_.frames});
    }
    if (all_ && frames.last == shape_.frames && row.window.last < 0)
      for (int64_t t = 0; t < shape_.frames; ++t)
        score.per_time.push_back(row.reduce(between(sum.sums, {t, t + 1})));
    result.metrics.push_back(score);
    if (shape_.first_frame > 0 && !score.per_time.empty()) {
      const auto initial = between(sum.sums, {0, 1});
      Score at_first{sum.row, score.per_time[0], {}, 0, {}, {}, {}, {}};
      if (row.with_std) at_first.std = std_of(initial);
      result.initial.push_back(at_first);
    }
  }
  if (all_) result.spectra = spectra_.mean();
  return result;
}

double Scorer::score_between(const std::string& id, int64_t first, int64_t last) const {
  for (const auto& sum : sums_)
    if (sum.row->id == id) return sum.row->reduce(between(sum.sums, {first, last}));
  return std::numeric_limits<double>::quiet_NaN();
}

Scores score_tensors(const Tensor& prediction, const Tensor& truth, const Tensor& members,
                     int64_t first_frame) {
  check_fields(prediction, truth);
  const std::vector<int64_t> grid(truth.sizes().begin() + 3, truth.sizes().end());
  const bool ensemble = members.defined();
  const auto setup = metric_setup(grid, std::vector<double>(grid.size(), 1.));
  Scorer scorer({truth.size(1), first_frame, ensemble ? members.size(0) : 0, ensemble, {}});
  for (int64_t b = 0; b < truth.size(0); ++b) {
    const auto of = [&](const Tensor& x, int64_t axis) { return x.narrow(axis, b, 1).to(torch::kDouble); };
    FrameFields fields;
    fields.truth = of(truth, 0), fields.prediction = of(prediction, 0);
    fields.first_truth = fields.truth.narrow(1, 0, 1),
    fields.first_prediction = fields.prediction.narrow(1, 0, 1);
    if (ensemble) {
      fields.members = of(members, 1);
      fields.mean = fields.members.mean(0), fields.deviation = fields.members.std(0, /*unbiased=*/true);
    }
    scorer.add(0, {fields, setup, b * truth.size(1)});
  }
  return scorer.scores();
}

}  // namespace msde
