#include "msde/eval/scoring/two_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "msde/core/error.hpp"
#include "msde/core/process/signals.hpp"
#include "msde/field/time_axis.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {
namespace {

using torch::Tensor;

constexpr int64_t block_values = int64_t{1} << 21;  // of the truth and all members, read at once: 16 MiB
// Trajectories are scored together up to so many values: below, calling LibTorch costs more than what it computes.
constexpr int64_t joined_values = int64_t{1} << 17;

void check_times(const FieldFile& truth, const FieldFile& prediction, int64_t n_frames) {
  const auto a = truth.times(), b = prediction.times();
  if (!a.defined() || !b.defined()) return;
  const auto t = a.narrow(1, 0, n_frames), p = b.narrow(1, 0, n_frames);
  const double spacing = n_frames > 1 ? torch::diff(t, 1, 1).abs().min().item<double>() : 0;
  const double largest = t.abs().max().item<double>();
  // A frame late is a whole spacing; times that were rounded, or jitter, are far from half of one.
  const double rounded = 8 * rounding(largest, Stored::float32);
  const double tolerance = spacing > 0 ? std::min(std::max(rounded, .1 * spacing), .5 * spacing) : rounded;
  const auto differs = ((t - p).abs() > tolerance).flatten().nonzero();
  if (differs.size(0) == 0) return;
  const int64_t i = differs[0].item<int64_t>() / n_frames, frame = differs[0].item<int64_t>() % n_frames;
  throw DataError(fmt::format("{}: trajectory {}, frame {} is at time {:.12g}, expected {:.12g} as in {}",
                              prediction.path(), i, frame, p[i][frame].item<double>(),
                              t[i][frame].item<double>(), truth.path()));
}

// Whether trajectories have the same times since their first frame [N, T]; others are counted in frames.
bool are_alike(const Tensor& since) {
  if (since.size(0) < 2 || since.size(1) < 2) return true;
  const double spacing = torch::diff(since, 1, 1).abs().min().item<double>();
  return (since - since[0]).abs().max().item<double>() <= .5 * spacing;
}

// The first snapshots of both where n_steps says how many, else all.
int64_t compared_frames(const FieldFile& truth, const FieldFile& prediction, const ScoreOptions& options) {
  const auto &a = truth.shape(), &b = prediction.shape();
  auto cut_a = a, cut_b = b;
  if (options.n_steps > 0) {
    cut_a[1] = std::min(a[1], options.n_steps);
    if (cut_b.size() > 1) cut_b[1] = std::min(b[1], options.n_steps);
  }
  if (cut_a != cut_b)
    throw DataError(
        fmt::format("{}: got fields of shape {}, expected {} as in {}{}", prediction.path(), shape_text(b),
                    shape_text(a), truth.path(),
                    a.size() == b.size() && a[1] != b[1] ? "; --n-steps compares the first snapshots" : ""));
  if (options.n_steps > a[1])
    throw DataError(fmt::format("{}: got {} snapshots, expected at least n_steps = {}", truth.path(), a[1],
                                options.n_steps));
  return cut_a[1];
}

// Points where both hold fields, undefined: all. DataError: there are none.
Tensor points_of_both(const FieldFile& truth, const FieldFile& prediction) {
  const auto a = truth.mask(), b = prediction.mask();
  if (!a && !b) return {};
  std::vector<int64_t> both;
  for (const int64_t i : (a ? a : b)->fluid())
    if (!a || !b || b->is_fluid(i)) both.push_back(i);
  if (both.empty())
    throw DataError(
        fmt::format("{}: has fields at no point where {} has them", prediction.path(), truth.path()));
  return torch::tensor(both, torch::kLong);
}

// The same frames of consecutive trajectories.
struct JoinedFrames {
  int64_t first_trajectory, trajectories, start, count;
};

// What `file` has of them, one trajectory after another along the axis of frames.
Tensor read(const FieldFile& file, Tensor (FieldFile::*what)(const FrameRange&) const,
            const JoinedFrames& frames, int64_t axis = 1) {
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < frames.trajectories; ++i)
    parts.push_back((file.*what)({frames.first_trajectory + i, frames.start, frames.count}));
  return parts.size() == 1 ? parts[0] : torch::cat(parts, axis);
}

struct Reader {
  const FieldFile& truth;
  const FieldFile& prediction;
  const ScoreShape& shape;

  // All that is known of these frames; frame 0 of the trajectories is filled in by the caller.
  FrameFields read_all(const JoinedFrames& frames) const {
    FrameFields f;
    f.trajectories = frames.trajectories;
    f.truth = read(truth, &FieldFile::fields, frames);
    if (prediction.members() >= 2) f.members = read(prediction, &FieldFile::ensemble, frames, 2);
    f.prediction = prediction.kind() == "array" && f.members.defined()
                       ? f.members.mean(0)
                       : read(prediction, &FieldFile::fields, frames);
    if (f.members.defined()) {
      f.mean = f.members.mean(0), f.deviation = f.members.std(0, /*unbiased=*/true);
    } else if (shape.deviation) {
      f.mean = read(prediction, &FieldFile::mean, frames);
      f.deviation = read(prediction, &FieldFile::deviation, frames);
    }
    return f;
  }
};

// Frame 0 of each trajectory of a block that begins with it.
Tensor first_of_each(const Tensor& fields, int64_t trajectories) {
  return fields.slice(1, 0, fields.size(1), fields.size(1) / trajectories).clone();
}

}  // namespace

ScoreShape score_shape(const FieldFile& truth, const FieldFile& prediction, const ScoreOptions& options) {
  if (options.first_frame < 0 || options.n_steps < 0)
    throw ConfigError(fmt::format("score: got first frame {} and n_steps {}, expected 0 or more",
                                  options.first_frame, options.n_steps));
  ScoreShape shape;
  shape.frames = compared_frames(truth, prediction, options);
  shape.first_frame = options.first_frame;
  if (shape.first_frame >= shape.frames)
    throw ConfigError(fmt::format("score: the first scored frame is {}, but there are {} frames, 0 to {}",
                                  shape.first_frame, shape.frames, shape.frames - 1));
  check_times(truth, prediction, shape.frames);
  shape.members = prediction.members() >= 2 ? prediction.members() : 0;
  shape.deviation = shape.members > 0 || prediction.has_deviation();
  for (const auto* file : {&truth, &prediction})
    if (!shape.times.defined() && file->times().defined()) {
      const auto t = file->times().narrow(1, 0, shape.frames), since = t - t.narrow(1, 0, 1);
      if (are_alike(since)) shape.times = since[0];
    }
  return shape;
}

FileScores score_files(const FieldFile& truth, const FieldFile& prediction, const ScoreOptions& options) {
  torch::NoGradGuard no_grad;
  FileScores result;
  result.shape = score_shape(truth, prediction, options);
  const int64_t N = truth.shape()[0], T = result.shape.frames;
  const std::vector<int64_t> grid(truth.shape().begin() + 3, truth.shape().end());
  auto length = truth.length().empty() ? prediction.length() : truth.length();
  result.length_known = !length.empty();
  if (length.empty()) length.assign(grid.size(), 1);
  auto setup = for_fine_fields(metric_setup(grid, length), truth.stored() == Stored::float64,
                               prediction.stored() == Stored::float64);
  setup.seed = options.seed;
  setup.fluid = points_of_both(truth, prediction);
  result.points = std::accumulate(grid.begin(), grid.end(), int64_t{1}, std::multiplies<>());
  result.scored_points = setup.fluid.defined() ? setup.fluid.numel() : result.points;
  result.wavenumber = setup.radial.wavenumber;

  int64_t frame_values = truth.shape()[2] * std::max<int64_t>(1, prediction.members());
  for (const int64_t n : grid) frame_values *= n;
  const int64_t step = std::clamp<int64_t>(block_values / frame_values, 1, T);
  const int64_t joined = step < T ? 1 : std::clamp<int64_t>(joined_values / (T * frame_values), 1, N);
  const Reader reader{truth, prediction, result.shape};
  Scorer scorer(result.shape), clean_scorer(result.shape);
  for (int64_t i = 0; i < N; i += joined) {
    const int64_t trajectories = std::min(joined, N - i);
    FrameFields first;
    Tensor first_clean;
    for (int64_t start = 0; start < T; start += step) {
      throw_if_interrupted();
      const JoinedFrames frames{i, trajectories, start, std::min(step, T - start)};
      auto fields = reader.read_all(frames);
      const auto clean = truth.has_clean() ? read(truth, &FieldFile::clean, frames) : Tensor();
      if (start == 0) {
        first.truth = first_of_each(fields.truth, trajectories);
        first.prediction = first_of_each(fields.prediction, trajectories);
        if (clean.defined()) first_clean = first_of_each(clean, trajectories);
      }
      result.missing_values += fields.truth.isnan().sum().item<int64_t>();
      fields.first_truth = first.truth, fields.first_prediction = first.prediction;
      scorer.add(start, {fields, setup, i * T + start});
      if (!clean.defined()) continue;
      fields.truth = clean, fields.first_truth = first_clean;
      clean_scorer.add(start, {fields, setup, i * T + start});
    }
    if (options.on_trajectory) options.on_trajectory(i + trajectories, N);
  }
  result.scores = scorer.scores();
  if (truth.has_clean()) result.clean = clean_scorer.scores();
  return result;
}

}  // namespace msde
