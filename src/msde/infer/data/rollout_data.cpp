#include "msde/infer/data/rollout_data.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "msde/field/windows.hpp"
#include "msde/tensor/evenly_spread.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kFinerSteps = 4;      // of validation, per smallest training step
constexpr int64_t kMostValidated = 64;  // trajectories; forecasts that start every snapshot are thousands
constexpr double kStableStep = 1.0;     // largest RK4 step in units of 1 / rate
constexpr double kRoundOff = 1e-4, kMostSteps = 1e6;  // of steps between frames

}  // namespace

int64_t stable_stride(const TrainingData& data, int64_t asked, const MultiscaleModel& model) {
  const auto stable = static_cast<int64_t>(kStableStep / (model->drift->fastest_rate() * data.dt()));
  return std::clamp<int64_t>(std::min(asked, stable), 1, data.n_snapshots() - 1);
}

namespace {

int64_t substeps(double dt_frames, const MultiscaleModel& model) {
  const double steps =
      std::min(kMostSteps, std::ceil(dt_frames * model->drift->fastest_rate() / kStableStep));
  return std::max<int64_t>(1, static_cast<int64_t>(steps));
}

// K frames, `stride` snapshots apart, of trajectories [B] from their snapshots `start` [B]: those of a share.
struct Frames {
  torch::Tensor trajectory, start;
  Share share;
  int64_t K = 1, stride = 1, finer = 1;
  std::function<int64_t(double)> steps_between = {};  // frames so far apart; empty: as many as are stable

  torch::Tensor snapshots() const { return start.unsqueeze(1) + torch::arange((K - 1) * stride + 1); }
};

// Steps of a share are those of the whole batch: the longest interval of all rows decides.
void set_times(RolloutBatch& batch, const TrainingData& data, const Frames& frames,
               const MultiscaleModel& model) {
  if (data.equal_times()) return;
  const auto all = data.times(frames.trajectory, frames.snapshots());
  const auto of_frames = all.index_select(1, frames.stride * torch::arange(frames.K));
  batch.times = frames.share.cut(all);
  batch.steps = unequal_steps(of_frames, [&](double longest) {
    return frames.steps_between ? frames.steps_between(longest) : frames.finer * substeps(longest, model);
  });
  batch.steps->times = frames.share.cut(batch.steps->times);
}

RolloutBatch gather(const TrainingData& data, const Frames& frames, const MultiscaleModel& model) {
  const auto trajectory = frames.share.cut(frames.trajectory),
             start = frames.share.cut(frames.start).unsqueeze(1);
  auto g = data.gather(trajectory, start + frames.stride * torch::arange(frames.K));
  auto f = data.forcing(trajectory, frames.share.cut(frames.snapshots()));
  const double dt_frames = static_cast<double>(frames.stride) * data.dt();
  RolloutBatch batch = {g.a.select(1, 0),
                        g.a,
                        g.off_norm2,
                        g.t,
                        g.mu,
                        f,
                        frames.stride,
                        dt_frames,
                        frames.finer * substeps(dt_frames, model)};
  set_times(batch, data, frames, model);
  return batch;
}

}  // namespace

double smallest_step(const TrainingData& data, const RolloutPlan& o, const MultiscaleModel& model) {
  const int64_t stride = stable_stride(data, std::min(o.stride_min, o.stride), model);
  const double dt_frames = static_cast<double>(stride) * data.dt();
  return dt_frames / static_cast<double>(o.finer * substeps(dt_frames, model));
}

torch::Tensor with_fresh_noise(const torch::Tensor& a, const TrainingData& data, const RandomKey& key,
                               const Share& share) {
  if (data.input_noise() <= 0 || a.size(0) == 0) return a;
  const auto before = static_cast<uint64_t>(share.first * (a.numel() / a.size(0)));
  return a + data.input_noise() * normal(key, a.sizes(), a.options(), before);
}

RolloutBatch draw_rollouts(const TrainingData& data, const RolloutPlan& o, const MultiscaleModel& model,
                           const RolloutDraw& draw) {
  const auto step = static_cast<uint64_t>(draw.step);
  const int64_t least = std::min(o.stride_min, o.stride);
  const int64_t asked = uniform_integer({draw.seed, Stream::stride_choice, step}, 0, least, o.stride);
  const int64_t stride = stable_stride(data, asked, model);
  const double grown = o.horizon_growth > 0 ? std::min(1.0, draw.fraction / o.horizon_growth) : 1.0;
  const auto horizon = static_cast<int64_t>(
      std::llround(o.horizon_start + grown * static_cast<double>(o.horizon_end - o.horizon_start)));
  const int64_t longest = (data.n_snapshots() - 1) / stride;
  const int64_t frames = std::clamp<int64_t>(horizon / stride, 1, longest) + 1;
  const auto choice =
      choose_windows({data.n_trajectories(), data.n_snapshots(), false}, (frames - 1) * stride + 1,
                     o.trajectories_per_step, {draw.seed, Stream::rollout_choice, step});
  const Share share = draw.ranks.share(o.trajectories_per_step);
  auto batch = gather(data, {choice.trajectory, choice.start, share, frames, stride, o.finer}, model);
  batch.first = with_fresh_noise(batch.first, data, {draw.seed, Stream::rollout_noise, step}, share);
  return batch;
}

RolloutBatch draw_snapshots(const TrainingData& data, const MultiscaleModel& model, const RolloutDraw& draw) {
  const auto step = static_cast<uint64_t>(draw.step);
  const auto choice = choose_windows({data.n_trajectories(), data.n_snapshots(), false}, 1, kSnapshots,
                                     {draw.seed, Stream::snapshot_choice, step});
  const Share share = draw.ranks.share(kSnapshots);
  auto batch = gather(data, {choice.trajectory, choice.start, share}, model);
  batch.first = with_fresh_noise(batch.first, data, {draw.seed, Stream::snapshot_noise, step}, share);
  return batch;
}

torch::Tensor validated_trajectories(const TrainingData& data) {
  return evenly_spread(data.n_trajectories(), kMostValidated);
}

RolloutBatch first_snapshot_rollouts(const TrainingData& data, const RolloutPlan& o,
                                     const MultiscaleModel& model, int64_t n_steps,
                                     const torch::Tensor& trajectories) {
  const int64_t snapshots = n_steps > 0 ? std::min(n_steps, data.n_snapshots()) : data.n_snapshots();
  const int64_t stride = std::min(stable_stride(data, o.stride, model), snapshots - 1);  // none beyond them
  const int64_t frames = (snapshots - 1) / stride + 1;
  const int64_t B = trajectories.size(0);
  const double smallest = static_cast<double>(o.stride_min) * data.dt();
  const auto steps_between = [&](double longest) {
    const double by_step = std::min(kMostSteps, std::ceil(longest / smallest - kRoundOff));
    return kFinerSteps * std::max<int64_t>(o.finer * substeps(longest, model), static_cast<int64_t>(by_step));
  };
  auto batch = gather(
      data,
      {trajectories, torch::zeros_like(trajectories), {0, B, B}, frames, stride, o.finer, steps_between},
      model);
  batch.substeps =
      kFinerSteps * std::max<int64_t>(batch.substeps, (stride + o.stride_min - 1) / o.stride_min);
  return batch;
}

torch::Tensor draw_frames(const RolloutBatch& batch, const RolloutPlan& o, uint64_t seed, int64_t step) {
  const int64_t K = batch.a.size(1);
  if (o.frames == 0 || o.frames >= K) return {};
  auto order =
      uniform({seed, Stream::frame_choice, static_cast<uint64_t>(step)}, {K}, torch::kDouble).argsort();
  return order.narrow(0, 0, o.frames).to(batch.a.device());
}

}  // namespace msde
