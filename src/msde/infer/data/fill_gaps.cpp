#include "msde/infer/data/fill_gaps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "msde/core/process/signals.hpp"
#include "msde/core/report/progress.hpp"
#include "msde/infer/data/prepare.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/scales/field_prior.hpp"
#include "msde/tensor/evenly_spread.hpp"

namespace msde {
namespace {

constexpr int kMostRounds = 12;     // with each number of modes,
constexpr double kSettled = 1e-4;   // until the variance of all modes changes by no more
constexpr int64_t kFirstModes = 4;  // then twice as many, and so on
constexpr double kAboveNoise = 3;   // variance of a mode over that of what the modes leave of a value
// Training snapshots that the filling is learnt from: stretches of time, at most so long,
constexpr int64_t kStretch = 256, kStretchValues = int64_t{1} << 24;
constexpr int64_t kStretches = 24, kLearntFrom = 4096;  // as many, or of so many snapshots
constexpr int64_t kPriorModes = 128;
constexpr int64_t kPriorValues = int64_t{1} << 20;  // of a model's prior: 4 MiB
constexpr int64_t kPriorSnapshots = 4096;           // of the training data, which that prior is learnt from

using Fill = std::function<torch::Tensor(const torch::Tensor& rows)>;  // [B, n_y] -> [B, n_y]

// Blocks of rows that are visited several times: kept where the plan for memory of the data has room for them.
RowBlocks kept(const RowBlocks& blocks, const Dataset& data) {
  const auto shape = data.split("train");
  const double rows_at_most =
      std::min<double>(static_cast<double>(shape.n_trajectories * shape.n_snapshots), kStretches * kStretch);
  const double bytes = 4. * rows_at_most * static_cast<double>(data.grid().size());
  if (2 * bytes > static_cast<double>(data.memory().cache_bytes)) return blocks;
  std::vector<torch::Tensor> rows;
  blocks([&](const torch::Tensor& block) { rows.push_back(block); });
  return [rows](const std::function<void(const torch::Tensor&)>& visit) {
    for (const auto& block : rows) visit(block);
  };
}

// Without the modes that are as noise is; at least one.
FieldPrior above_noise(FieldPrior prior) {
  const int64_t clear =
      std::max<int64_t>(1, prior.variance.gt(kAboveNoise * prior.rest).sum().item<int64_t>());
  const auto n = static_cast<double>(prior.mean.numel());
  prior.rest += prior.variance.slice(0, clear).sum().item<double>() / n;
  prior.variance = prior.variance.narrow(0, 0, clear);
  prior.modes = prior.modes.narrow(1, 0, clear).contiguous();
  return prior;
}

// Stretches of consecutive training snapshots, evenly spread, filled. Their length depends on the grid alone, so that
// what is learnt does not depend on how much memory there is.
RowBlocks training_rows(const Dataset& data, Fill fill) {
  return [data, fill = std::move(fill)](const std::function<void(const torch::Tensor&)>& visit) {
    const auto shape = data.split("train");
    const int64_t length = std::clamp<int64_t>(kStretchValues / data.grid().size(), 1, kStretch);
    const int64_t each = (shape.n_snapshots + length - 1) / length;  // of a trajectory
    const auto chosen =
        evenly_spread(shape.n_trajectories * each, std::max<int64_t>(kStretches, kLearntFrom / length));
    for (int64_t k = 0; k < chosen.numel(); ++k) {
      throw_if_interrupted();
      const int64_t stretch = chosen[k].item<int64_t>(), start = stretch % each * length;
      const int64_t count = std::min(length, shape.n_snapshots - start);
      visit(fill(data.fields("train", stretch / each, start, count).flatten(1)));
    }
  };
}

// Mean of the values of every point that are there, 0 where none is: [n_y] float64.
torch::Tensor mean_of_seen(const Dataset& data) {
  auto sum = torch::zeros({data.grid().size()}, torch::kDouble), count = sum.clone();
  training_rows(data, [](const torch::Tensor& x) { return x; })([&](const torch::Tensor& x) {
    sum += x.nan_to_num(0.).sum(0, false, torch::kDouble);
    count += x.isfinite().sum(0);
  });
  return sum / count.clamp_min(1);
}

// Rows of a stretch of time: on the line between the nearest values of the same point before and after; of one side
// alone its value; of neither `otherwise`.
torch::Tensor fill_along_time(const torch::Tensor& rows, const torch::Tensor& otherwise) {
  const int64_t T = rows.size(0);
  const auto seen = rows.isfinite();
  const auto index = torch::arange(T, torch::kLong).unsqueeze(1);
  const auto before = std::get<0>(torch::where(seen, index, torch::full_like(index, -1)).cummax(0));
  const auto after =
      T - 1 - std::get<0>(torch::where(seen.flip(0), index, torch::full_like(index, -1)).cummax(0)).flip(0);
  const auto has_before = before >= 0, has_after = after < T;
  const auto at_before = rows.gather(0, before.clamp_min(0)),
             at_after = rows.gather(0, after.clamp_max(T - 1));
  const auto span = (after - before).clamp_min(1).to(rows.scalar_type());
  const auto share = (index - before).to(rows.scalar_type()) / span;
  auto between = torch::lerp(at_before, at_after, share);
  between = torch::where(has_before & ~has_after, at_before, between);
  between = torch::where(has_after & ~has_before, at_after, between);
  between = torch::where(has_before | has_after, between, otherwise.to(rows.scalar_type()).expand_as(rows));
  return torch::where(seen, rows, between);
}

// The prior of training snapshots that miss values, in rounds of more and more modes: few modes carry over gaps what
// many would first fit to what was put there.
FieldPrior learn_with_gaps(const Dataset& data, uint64_t seed) {
  const int64_t n = data.grid().size();
  const auto mean = mean_of_seen(data);
  Fill fill = [mean](const torch::Tensor& rows) { return fill_along_time(rows, mean); };
  const auto shape = data.split("train");
  // Of half as many modes as there are numbers the rest tells noise from signal.
  const int64_t most =
      std::max<int64_t>(1, std::min({kPriorModes, n / 2, shape.n_trajectories * shape.n_snapshots / 2}));
  int64_t rounds = kMostRounds;
  for (int64_t modes = kFirstModes; modes < most; modes *= 2) rounds += kMostRounds;
  Progress progress("fill missing values", rounds);
  FieldPrior prior;
  int64_t begun = 0;
  for (int64_t modes = std::min(kFirstModes, most);; modes = std::min(2 * modes, most)) {
    double energy = 0, change = 1;
    for (int round = 0; round < kMostRounds && change > kSettled; ++round) {
      prior = learn_field_prior(kept(training_rows(data, fill), data), n, modes, seed);
      prior.rest *= static_cast<double>(n) / static_cast<double>(data.grid().fluid_size());  // solid has none
      prior = above_noise(std::move(prior));
      fill = [prior](const torch::Tensor& rows) { return fill_missing(prior, rows); };
      progress.update(begun + round + 1, fmt::format("{} modes", modes));
      const double now = prior.variance.sum().item<double>();
      change = std::abs(now - std::exchange(energy, now)) / std::max(now, 1e-300);
    }
    begun += kMostRounds;
    if (modes == most) {
      progress.update(begun), progress.finish();
      return prior;
    }
  }
}

}  // namespace

Dataset with_gaps_filled(const Dataset& stored, uint64_t seed) {
  torch::NoGradGuard no_grad;
  const Units units = channel_units(stored);
  const auto data = stored.in(units);
  const FieldPrior prior = learn_with_gaps(data, seed);
  const Fill fill = [prior](const torch::Tensor& rows) { return fill_missing(prior, rows); };
  return stored.filled([units, fill, grid = data.grid()](const torch::Tensor& x) {
    const auto missing = x.isnan();
    if (!missing.any().item<bool>()) return x;
    const int64_t D = grid.dimensions();
    const auto rows = with_solid(units.without(x, D), grid, 0).flatten(1);
    return torch::where(missing, units.with(fill(rows).view_as(x), D).to(x.scalar_type()), x);
  });
}

int64_t prior_modes(int64_t n, int64_t n_snapshots) {
  return std::max<int64_t>(1, std::min({kPriorModes, n, n_snapshots - 1, kPriorValues / n}));
}

void set_snapshot_prior(MultiscaleModel& model, const TrainingData& train, uint64_t seed) {
  const int64_t n = model->coordinates->size(), N = train.n_trajectories(), T = train.n_snapshots();
  const auto chosen = evenly_spread(N * T, kPriorSnapshots);
  const int64_t at_once = std::max<int64_t>(1, (int64_t{1} << 22) / n);
  double off = 0;
  const RowBlocks rows = [&](const std::function<void(const torch::Tensor&)>& visit) {
    off = 0;
    for (int64_t first = 0; first < chosen.numel(); first += at_once) {
      const auto some = chosen.narrow(0, first, std::min(at_once, chosen.numel() - first));
      const auto g = train.gather(some.div(T, "floor"), some.remainder(T).unsqueeze(1));
      off += g.off_norm2.sum(torch::kDouble).item<double>();
      visit(g.a.select(1, 0));
    }
  };
  auto prior = learn_field_prior(rows, n, model->spec().n_prior, seed);
  const auto fluid = static_cast<double>(model->spec().grid.fluid_size());
  prior.rest = (prior.rest * static_cast<double>(n) + off / static_cast<double>(chosen.numel())) / fluid;
  model->prior->set(prior);
}

}  // namespace msde
