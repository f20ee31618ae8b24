#include "msde/eval/scoring/evaluate.hpp"

#include <algorithm>

#include "msde/core/process/signals.hpp"
#include "msde/core/random/random.hpp"
#include "msde/core/report/stopwatch.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {
namespace {

using torch::Tensor;

constexpr int coverage_levels[] = {50, 80, 90, 95};

constexpr int64_t point_block_bytes = int64_t{16} << 20;  // of float64 fields that are compared at a time

// Sums over frames: every frame counts alike, so blocks of frames add up.
struct PointScores {
  std::vector<Tensor> rel_l2, rel_l2_clean;  // [T] per trajectory
  double frames = 0, rmse = 0, vrmse = 0, nrmse_well = 0;
};

struct EnsembleScores {  // sums over frames, too
  double frames = 0, crps = 0, energy = 0;
  SpreadSkill spread;
  Tensor ranks;
};

int64_t scored_frames(const SplitShape& split, const EvaluateOptions& options) {
  if (options.n_steps < 0 || options.n_steps == 1)
    throw ConfigError("evaluate: got n_steps " + std::to_string(options.n_steps) +
                      ", expected 0 (all snapshots) or at least 2");
  if (options.members < 0)
    throw ConfigError("evaluate: got members " + std::to_string(options.members) + ", expected 0 or more");
  if (split.n_snapshots < 2 || split.n_trajectories < 1)
    throw DataError("evaluate: split '" + options.split + "' holds " + std::to_string(split.n_trajectories) +
                    " trajectories of " + std::to_string(split.n_snapshots) +
                    " snapshots, expected at least one trajectory of two");
  const int64_t asked =
      options.n_steps == 0 ? split.n_snapshots : std::min(options.n_steps, split.n_snapshots);
  return std::max<int64_t>(2, asked - options.protocol.drop_last);
}

// Calls visit(start, count) for blocks of the frames of fields [1, T, C, *grid].
void for_blocks_of_frames(const Tensor& fields, const std::function<void(int64_t, int64_t)>& visit) {
  const int64_t T = fields.size(1), frame_bytes = 8 * (fields.numel() / T);
  const int64_t per_block = std::max<int64_t>(1, point_block_bytes / frame_bytes);
  for (int64_t start = 0; start < T; start += per_block) visit(start, std::min(per_block, T - start));
}

Tensor rel_l2_of_all_frames(const Tensor& point, const Tensor& truth) {  // [T]
  std::vector<Tensor> blocks;
  for_blocks_of_frames(truth, [&](int64_t start, int64_t count) {
    blocks.push_back(rel_l2_per_frame(point.narrow(1, start, count), truth.narrow(1, start, count))[0]);
  });
  return torch::cat(blocks);
}

void score_point(const Tensor& point, const Tensor& truth, int64_t first_frame, PointScores* scores) {
  scores->rel_l2.push_back(rel_l2_of_all_frames(point, truth));
  for_blocks_of_frames(truth, [&](int64_t start, int64_t count) {
    const int64_t given = std::clamp<int64_t>(first_frame - start, 0, count), n = count - given;
    if (n == 0) return;
    const auto p = point.narrow(1, start + given, n), y = truth.narrow(1, start + given, n);
    scores->frames += static_cast<double>(n);
    scores->rmse += static_cast<double>(n) * rmse(p, y);
    scores->vrmse += static_cast<double>(n) * vrmse(p, y);
    scores->nrmse_well += static_cast<double>(n) * nrmse_well(p, y);
  });
}

// Frames `start`.. of a trajectory's members and of the truth, without frame 0, which is given.
void score_ensemble(int64_t start, Tensor x, Tensor y, uint64_t seed, EnsembleScores* scores) {
  if (start == 0) x = x.slice(2, 1), y = y.slice(1, 1);
  const auto n = static_cast<double>(y.size(1));
  if (n == 0) return;
  scores->frames += n;
  scores->crps += n * crps_fair(x, y);
  scores->energy += n * energy_score(x, y);
  const auto spread = spread_skill(x, y);
  scores->spread.variance += n * spread.variance;
  scores->spread.squared_error += n * spread.squared_error;
  scores->spread.members = spread.members;
  // Blocks must not break their ties alike.
  const auto ranks = rank_histogram(x, y, seed + static_cast<uint64_t>(start) * 0xD1B54A32D192ED03u);
  scores->ranks = scores->ranks.defined() ? scores->ranks + ranks : ranks;
}

Calibration summary(const EnsembleScores& scores) {
  Calibration result;
  result.crps_fair = scores.crps / scores.frames;
  result.energy_score = scores.energy / scores.frames;
  result.ssr_adjusted = scores.spread.ssr_adjusted();  // a ratio of sums: the number of terms cancels
  for (int level : coverage_levels) result.coverage[level] = coverage_of_ranks(scores.ranks, level / 100.);
  const auto* counts = scores.ranks.data_ptr<int64_t>();
  result.rank_histogram.assign(counts, counts + scores.ranks.numel());
  return result;
}

// Frame 0, and all that count: [N, T] -> two summaries. Fields at rest have no relative error and are left
// out.
std::pair<MeanStd, MeanStd> first_and_scored(const std::vector<Tensor>& per_frame, int64_t first_frame) {
  const auto all = torch::stack(per_frame);
  const auto defined = [](const Tensor& x) { return x.masked_select(x.isnan().logical_not()); };
  return {mean_std(defined(all.select(1, 0))), mean_std(defined(all.slice(1, first_frame)))};
}

std::vector<double> mean_per_time(const std::vector<Tensor>& per_frame) {
  if (per_frame.empty()) return {};
  const auto mean = torch::stack(per_frame).nanmean(0).contiguous();
  return {mean.data_ptr<double>(), mean.data_ptr<double>() + mean.numel()};
}

std::vector<double> mean_per_trajectory(const std::vector<Tensor>& per_frame, int64_t first_frame) {
  std::vector<double> means;
  for (const auto& frames : per_frame) means.push_back(frames.slice(0, first_frame).nanmean().item<double>());
  return means;
}

// What the protocol scores as the forecast.
Tensor scored_prediction(const Forecaster& forecaster, ForecastRequest request, const Protocol& protocol,
                         int64_t* drift_evaluations) {
  request.members = protocol.mean_of_members;
  request.decoder_draws = protocol.decoder_draws;
  std::vector<Tensor> means;  // block after block: all frames of all members are too many
  if (request.members > 0)
    request.visit_members = [&](int64_t, const Tensor& members) { means.push_back(members.mean(0)); };
  const auto forecast = forecaster.forecast(request);
  if (forecast.members.defined()) means = {forecast.members.mean(0)};
  *drift_evaluations = forecast.drift_evaluations;
  return request.members > 0 ? torch::cat(means, 1) : forecast.point;
}

ForecastRequest request_for(const Dataset& data, const EvaluateOptions& options, int64_t trajectory,
                            int64_t n_frames, const Tensor& truth) {
  const auto& split = options.split;
  ForecastRequest request;
  request.first = truth[0].narrow(0, 0, 1);
  request.mu = data.mu(split).narrow(0, trajectory, 1);
  request.forcing = data.forcing(split).narrow(0, trajectory, 1).narrow(1, 0, n_frames);
  request.t0 = data.times(split)[trajectory][0].item<double>();
  request.dt = data.dt();
  request.n_steps = n_frames - 1;
  request.decoder_noise = options.decoder_noise;
  request.seed = seed_of_part(options.seed, trajectory);
  return request;
}

}  // namespace

Evaluation evaluate(const Forecaster& forecaster, const Dataset& data, const EvaluateOptions& options) {
  torch::NoGradGuard no_grad;
  const auto split = data.split(options.split);
  const int64_t N = split.n_trajectories, T = scored_frames(split, options), M = options.members;
  PointScores point_scores;
  EnsembleScores ensemble_scores;
  Evaluation result;
  result.case_name = data.case_name(), result.split = options.split, result.forecaster = forecaster.name();
  result.n_trajectories = N, result.n_frames = T, result.members = M;
  result.seed = options.seed, result.decoder_noise = options.decoder_noise,
  result.protocol = options.protocol;

  for (int64_t i = 0; i < N; ++i) {
    throw_if_interrupted();
    const auto where = " of " + options.split + " trajectory " + std::to_string(i);
    const auto truth = data.fields(options.split, i, 0, T).unsqueeze(0);
    auto request = request_for(data, options, i, T, truth);

    const Stopwatch point_time;
    const auto point = scored_prediction(forecaster, request, options.protocol, &result.nfe_per_trajectory);
    result.predict_seconds_per_trajectory += point_time.seconds() / static_cast<double>(N);
    check_shape("prediction" + where, point, truth.sizes());
    check_finite("prediction" + where, point);
    score_point(point, truth, options.protocol.first_frame, &point_scores);
    if (split.has_clean) {
      const auto clean = data.clean_fields(options.split, i, 0, T).unsqueeze(0);
      point_scores.rel_l2_clean.push_back(rel_l2_of_all_frames(point, clean));
    }

    if (M >= 2) {
      request.members = M;
      request.visit_members = [&](int64_t start, const Tensor& members) {
        throw_if_interrupted();
        auto expected = truth.sizes().vec();
        expected.insert(expected.begin(), M);
        expected[2] = std::min(members.size(2), T - start);
        check_shape("ensemble" + where, members, expected);
        check_finite("ensemble" + where, members);
        const Stopwatch score_time;
        score_ensemble(start, members, truth.narrow(1, start, expected[2]), request.seed, &ensemble_scores);
        result.ensemble_seconds_per_trajectory -= score_time.seconds() / static_cast<double>(N);
      };
      const Stopwatch ensemble_time;
      const auto whole = forecaster.forecast(request);
      if (whole.members.defined())
        request.visit_members(0, whole.members);  // of one that ignores the visitor
      result.ensemble_seconds_per_trajectory += ensemble_time.seconds() / static_cast<double>(N);
    }
    if (options.on_trajectory) options.on_trajectory(i + 1, N);
  }

  const int64_t first_frame = options.protocol.first_frame;
  std::tie(result.rel_l2_t0, result.rel_l2) = first_and_scored(point_scores.rel_l2, first_frame);
  result.rel_l2_per_time = mean_per_time(point_scores.rel_l2);
  result.rel_l2_clean_per_time = mean_per_time(point_scores.rel_l2_clean);
  result.rel_l2_per_trajectory = mean_per_trajectory(point_scores.rel_l2, first_frame);
  result.rel_l2_clean_per_trajectory = mean_per_trajectory(point_scores.rel_l2_clean, first_frame);
  if (split.has_clean) {
    const auto [first, scored] = first_and_scored(point_scores.rel_l2_clean, first_frame);
    result.rel_l2_clean_t0 = first;
    result.rel_l2_clean = scored;
  }
  result.rmse = point_scores.rmse / point_scores.frames;
  result.vrmse = point_scores.vrmse / point_scores.frames;
  result.nrmse_well = point_scores.nrmse_well / point_scores.frames;
  if (M >= 2) result.calibration = summary(ensemble_scores);
  return result;
}

}  // namespace msde
