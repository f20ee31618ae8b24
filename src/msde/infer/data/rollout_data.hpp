// Which roll-outs training and validation make.
#pragma once

#include "msde/core/random/random.hpp"
#include "msde/infer/data/training_data.hpp"
#include "msde/infer/rollout.hpp"
#include "msde/infer/train_options.hpp"
#include "msde/tensor/ranks/share.hpp"

namespace msde {

// a + s * standard normal where the data were denoised (TrainingData::denoise), else a itself. `share` are
// the rows of the batch that a holds: its noise is cut out of that of the whole.
torch::Tensor with_fresh_noise(const torch::Tensor& a, const TrainingData& data, const RandomKey& key,
                               const Share& share);

// Roll-outs as they are made now: of the options, or gentler where those have diverged.
struct RolloutPlan : RolloutOptions {
  int64_t finer = 1;  // RK4 steps in place of one
};

// Where a step of the roll-out stage stands: step number and fraction of the stage done, and whose share of
// its batch is drawn.
struct RolloutDraw {
  uint64_t seed = 0;
  int64_t step = 0;
  double fraction = 0;
  Ranks ranks = {};
};
// Snapshots between frames: as asked, but no more than one stable RK4 step and no more than the trajectory.
int64_t stable_stride(const TrainingData& data, int64_t asked, const MultiscaleModel& model);
// The smallest RK4 step that draw_rollouts makes, in units of time.
double smallest_step(const TrainingData& data, const RolloutPlan& plan, const MultiscaleModel& model);
// Roll-outs of training trajectories from starts drawn like windows, so t = 0 is frequent. Frames are one RK4
// step apart, stride_min..stride snapshots (fewer where the data are so coarse in time that it would not be
// stable); the horizon grows over the stage and is cut to the trajectory.
RolloutBatch draw_rollouts(const TrainingData& data, const RolloutPlan& plan, const MultiscaleModel& model,
                           const RolloutDraw& draw);
constexpr int64_t kSnapshots = 64;  // of draw_snapshots
// Single snapshots at random, as roll-outs of one frame: for the autoencoder's error.
RolloutBatch draw_snapshots(const TrainingData& data, const MultiscaleModel& model, const RolloutDraw& draw);
// int64: the trajectories on which roll-outs are validated, at most 64, evenly spread.
torch::Tensor validated_trajectories(const TrainingData& data);
// These trajectories from their first snapshot over `n_steps` snapshots (0 = all), `stride` apart, with RK4
// steps a quarter of the smallest that training makes: what is scored is the differential equation, not its
// discretisation.
RolloutBatch first_snapshot_rollouts(const TrainingData& data, const RolloutPlan& plan,
                                     const MultiscaleModel& model, int64_t n_steps,
                                     const torch::Tensor& trajectories);
// The frames whose error a step counts: `plan.frames` of them at random, undefined = all.
torch::Tensor draw_frames(const RolloutBatch& batch, const RolloutPlan& plan, uint64_t seed, int64_t step);

}  // namespace msde
