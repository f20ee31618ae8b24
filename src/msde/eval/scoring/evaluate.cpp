#include "msde/eval/scoring/evaluate.hpp"

#include <algorithm>

#include "msde/core/process/signals.hpp"
#include "msde/core/random/random.hpp"
#include "msde/core/report/stopwatch.hpp"
#include "msde/eval/scoring/scorer.hpp"
#include "msde/ops/fluid.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {
namespace {

using torch::Tensor;

constexpr int64_t point_block_bytes = int64_t{16} << 20;  // of float64 fields that are compared at a time

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

constexpr auto kRelL2OfChannel = "nrmse_pdebench";  // its formula is that of rel_l2, channel by channel
constexpr int coverage_levels[] = {50, 80, 90, 95};

std::string coverage_id(int level) {
  return "coverage." + std::to_string(level);
}

std::vector<std::string> ensemble_metrics() {
  std::vector<std::string> ids{"crps_fair", "energy_score", "ssr_adjusted", "rank_histogram"};
  for (const int level : coverage_levels) ids.push_back(coverage_id(level));
  return ids;
}

// What is scored of a split, summed over its trajectories as they come.
struct Scorers {
  MetricSetup setup;
  Scorer point, clean, ensemble;  // the ensemble without frame 0, whatever the protocol
  Scorer alone, alone_clean;      // encoding and decoding alone, of all frames

  Scorers(const Dataset& data, int64_t frames, const EvaluateOptions& options)
      : setup(for_fine_fields(
            metric_setup(data.grid().shape, std::vector<double>(data.grid().shape.size(), 1.)),
            data.stored_type() == torch::kDouble, /*prediction_is_fine=*/false)),
        point({.frames = frames, .first_frame = options.protocol.first_frame},
              {"rel_l2", "rmse", "vrmse", "nrmse_well", kRelL2OfChannel}),
        clean({.frames = frames, .first_frame = options.protocol.first_frame}, {"rel_l2", kRelL2OfChannel}),
        ensemble({.frames = frames, .members = options.members}, ensemble_metrics()),
        alone({.frames = frames, .first_frame = 0}, {"rel_l2"}),
        alone_clean({.frames = frames, .first_frame = 0}, {"rel_l2"}) {
    setup.seed = options.seed;
    if (data.grid().mask) setup.fluid = fluid_points(data.grid());
  }
};

// `position`: of the trajectory's first frame among those of all.
void score_point(const Tensor& point, const Tensor& truth, int64_t position, const MetricSetup& setup,
                 Scorer* scorer) {
  for_blocks_of_frames(truth, [&](int64_t start, int64_t count) {
    FrameFields fields;
    fields.truth = truth.narrow(1, start, count), fields.prediction = point.narrow(1, start, count);
    scorer->add(start, {fields, setup, position + start});
  });
}

// Frames that a forecaster encodes and decodes, a block at a time.
void score_alone(const Forecaster& forecaster, const Tensor& seen, const Tensor& clean, int64_t position,
                 Scorers* scorers) {
  for_blocks_of_frames(seen, [&](int64_t start, int64_t count) {
    throw_if_interrupted();
    const auto alone = forecaster.reconstruction(seen[0].narrow(0, start, count), seen[0].narrow(0, 0, 1));
    if (!alone.defined()) return;
    const auto add = [&](const Tensor& truth, Scorer* scorer) {
      FrameFields fields;
      fields.truth = truth.narrow(1, start, count), fields.prediction = alone.unsqueeze(0);
      scorer->add(start, {fields, scorers->setup, position + start});
    };
    add(seen, &scorers->alone);
    if (clean.defined()) add(clean, &scorers->alone_clean);
  });
}

const Score& score_of(const Scores& scores, const std::string& id) {
  return *std::find_if(scores.metrics.begin(), scores.metrics.end(),
                       [&](const Score& score) { return score.row->id == id; });
}

Calibration calibration_of(const Scores& scores) {
  Calibration result;
  result.crps_fair = score_of(scores, "crps_fair").value;
  result.energy_score = score_of(scores, "energy_score").value;
  result.ssr_adjusted = score_of(scores, "ssr_adjusted").value;
  result.crps_fair_per_channel = score_of(scores, "crps_fair").per_channel;
  result.ssr_adjusted_per_channel = score_of(scores, "ssr_adjusted").per_channel;
  for (const int level : coverage_levels) {
    const Score& coverage = score_of(scores, coverage_id(level));
    result.coverage[level] = coverage.value;
    if (!coverage.per_channel.empty()) result.coverage_per_channel[level] = coverage.per_channel;
  }
  result.rank_histogram = score_of(scores, "rank_histogram").histogram;
  return result;
}

// rel_l2 of frames [N, T]: of frame 0, and of all that count. Fields at rest have none and are left out.
std::pair<MeanStd, MeanStd> first_and_scored(const Tensor& per_frame, int64_t first_frame) {
  const auto defined = [](const Tensor& x) { return x.masked_select(x.isnan().logical_not()); };
  return {mean_std(defined(per_frame.select(1, 0))), mean_std(defined(per_frame.slice(1, first_frame)))};
}

// Of all frames, where some were scored.
std::optional<MeanStd> rel_l2_of(const Scorer& scorer) {
  if (!scorer.has_blocks()) return std::nullopt;
  const Scores scores = scorer.scores();
  return first_and_scored(score_of(scores, "rel_l2").per_frame, 0).second;
}

std::vector<double> mean_per_time(const Tensor& per_frame) {
  const auto mean = per_frame.nanmean(0).contiguous();
  return {mean.data_ptr<double>(), mean.data_ptr<double>() + mean.numel()};
}

std::vector<double> mean_per_trajectory(const Tensor& per_frame, int64_t first_frame) {
  std::vector<double> means;
  for (int64_t i = 0; i < per_frame.size(0); ++i)
    means.push_back(per_frame[i].slice(0, first_frame).nanmean().item<double>());
  return means;
}

std::vector<LeadTime> lead_times_of(const Scorers& scorers, int64_t frames, bool ensemble) {
  constexpr int64_t kParts = 3;
  std::vector<LeadTime> parts;
  if (frames - 1 < kParts) return parts;
  for (int64_t k = 0; k < kParts; ++k) {
    const int64_t first = 1 + (frames - 1) * k / kParts, end = 1 + (frames - 1) * (k + 1) / kParts;
    LeadTime part = {first, end - 1};
    part.rel_l2 = scorers.point.score_between("rel_l2", first, end);
    if (ensemble) {
      const auto score = [&](const char* id) { return scorers.ensemble.score_between(id, first, end); };
      part.crps_fair = score("crps_fair"), part.ssr_adjusted = score("ssr_adjusted");
      part.coverage_90 = score("coverage.90");
    }
    parts.push_back(part);
  }
  return parts;
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
  if (options.fill_first) request.first = options.fill_first(request.first);
  request.mu = data.mu(split).narrow(0, trajectory, 1);
  request.forcing = data.forcing(split).narrow(0, trajectory, 1).narrow(1, 0, n_frames);
  request.t0 = data.times(split)[trajectory][0].item<double>();
  request.dt = data.dt();
  if (!data.equal_times()) request.times = data.first_times(split, trajectory, n_frames);
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
  Scorers scorers(data, T, options);
  Evaluation result;
  result.case_name = data.case_name(), result.split = options.split, result.forecaster = forecaster.name();
  result.n_trajectories = N, result.n_frames = T, result.members = M;
  result.starts_per_block = data.starts_per_block(options.split);
  result.seed = options.seed, result.decoder_noise = options.decoder_noise,
  result.protocol = options.protocol;

  for (int64_t i = 0; i < N; ++i) {
    throw_if_interrupted();
    const auto where = " of " + options.split + " trajectory " + std::to_string(i);
    const auto truth = data.stored_fields(options.split, i, 0, T).unsqueeze(0);
    auto request = request_for(data, options, i, T, truth);

    const Stopwatch point_time;
    const auto point = scored_prediction(forecaster, request, options.protocol, &result.nfe_per_trajectory);
    result.predict_seconds_per_trajectory += point_time.seconds() / static_cast<double>(N);
    check_shape("prediction" + where, point, truth.sizes());
    check_finite("prediction" + where, point);
    score_point(point, truth, i * T, scorers.setup, &scorers.point);
    Tensor clean;
    if (split.has_clean) clean = data.stored_fields(options.split, i, 0, T, /*clean=*/true).unsqueeze(0);
    if (clean.defined()) score_point(point, clean, i * T, scorers.setup, &scorers.clean);
    score_alone(forecaster, truth, clean, i * T, &scorers);

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
        FrameFields fields;
        fields.truth = truth.narrow(1, start, expected[2]), fields.members = members;
        scorers.ensemble.add(start, {fields, scorers.setup, i * T + start});
        result.ensemble_seconds_per_trajectory -= score_time.seconds() / static_cast<double>(N);
      };
      const Stopwatch ensemble_time;
      const auto whole = forecaster.forecast(request);
      if (whole.members_left.defined()) result.members_left += whole.members_left.sum().item<int64_t>();
      if (whole.members.defined())
        request.visit_members(0, whole.members);  // of one that ignores the visitor
      result.ensemble_seconds_per_trajectory += ensemble_time.seconds() / static_cast<double>(N);
    }
    if (options.on_trajectory) options.on_trajectory(i + 1, N);
  }

  const int64_t first_frame = options.protocol.first_frame;
  const Scores scores = scorers.point.scores();
  const Tensor rel_l2 = score_of(scores, "rel_l2").per_frame;
  std::tie(result.rel_l2_t0, result.rel_l2) = first_and_scored(rel_l2, first_frame);
  result.rel_l2_per_time = mean_per_time(rel_l2);
  result.rel_l2_per_trajectory = mean_per_trajectory(rel_l2, first_frame);
  if (split.has_clean) {
    const Scores clean_scores = scorers.clean.scores();
    const Tensor clean = score_of(clean_scores, "rel_l2").per_frame;
    result.rel_l2_clean_per_channel = score_of(clean_scores, kRelL2OfChannel).per_channel;
    std::tie(result.rel_l2_clean_t0.emplace(), result.rel_l2_clean.emplace()) =
        first_and_scored(clean, first_frame);
    result.rel_l2_clean_per_time = mean_per_time(clean);
    result.rel_l2_clean_per_trajectory = mean_per_trajectory(clean, first_frame);
  }
  result.rel_l2_encode_decode = rel_l2_of(scorers.alone);
  result.rel_l2_encode_decode_clean = rel_l2_of(scorers.alone_clean);
  result.rmse = score_of(scores, "rmse").value;
  result.vrmse = score_of(scores, "vrmse").value;
  result.nrmse_well = score_of(scores, "nrmse_well").value;
  result.rel_l2_per_channel = score_of(scores, kRelL2OfChannel).per_channel;
  result.rmse_per_channel = score_of(scores, "rmse").per_channel;
  if (M >= 2) result.calibration = calibration_of(scorers.ensemble.scores());
  result.lead_times = lead_times_of(scorers, T, M >= 2);
  return result;
}

}  // namespace msde
