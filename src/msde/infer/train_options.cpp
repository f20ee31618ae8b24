#include "msde/infer/train_options.hpp"

namespace msde {
namespace {

void describe(OptionTable& table, ElboOptions& o) {
  table.add("train.max_steps", &o.max_steps,
            {.meaning = "steps of the solver-free ELBO stage", .unit = "steps", .min = 0});
  table.add("train.lr", &o.lr,
            {.meaning = "peak learning rate of the ELBO stage", .min = 0, .min_is_exclusive = true});
  table.add("train.lr_vectors", &o.lr_vectors,
            {.meaning = "peak learning rate of biases and scales, which Adam updates beside Muon",
             .min = 0,
             .min_is_exclusive = true});
  table.add(
      "train.warmup", &o.warmup,
      {.meaning = "fraction of the stage over which the learning rate rises; it falls as a cosine after",
       .min = 0,
       .max = 0.9});
  table.add("train.windows_per_step", &o.windows_per_step,
            {.meaning = "windows per step", .min = 1, .max = 65536});
  table.add("train.window", &o.window,
            {.meaning = "snapshots per window, at least 4; cut to the trajectory; 0 = from the data",
             .unit = "snapshots",
             .min = 0,
             .max = 100000});
  table.add("train.beta_warmup", &o.beta_warmup,
            {.meaning = "fraction of the stage over which the weight of the drift residual rises from 0 to 1",
             .min = 0,
             .max = 1});
  table.add("train.clip", &o.clip,
            {.meaning = "largest global gradient norm", .min = 0, .min_is_exclusive = true});
  table.add("train.ema", &o.ema,
            {.meaning = "averaged weights: share kept per step", .min = 0, .max = 0.999999});
  table.add(
      "train.optimiser", &o.optimiser,
      {.meaning = "muon: orthogonalised updates of weight matrices, Adam for the rest; adam: Adam for all",
       .choices = {"muon", "adam"}});
  table.add(
      "train.denoise", &o.denoise,
      {.meaning = "smooth the training coefficients in time and add fresh noise to the encoder's inputs "
                  "(reduced preset)"});
  table.add("train.seed", &o.seed,
            {.meaning = "seed of every random number of training; also --seed", .min = 0});
}

void describe(OptionTable& table, RolloutOptions& o) {
  table.add("rollout.max_steps", &o.max_steps,
            {.meaning = "steps of the roll-out stage", .unit = "steps", .min = 0});
  table.add("rollout.lr", &o.lr,
            {.meaning = "peak learning rate of the roll-out stage", .min = 0, .min_is_exclusive = true});
  table.add("rollout.lr_vectors", &o.lr_vectors,
            {.meaning = "as train.lr_vectors", .min = 0, .min_is_exclusive = true});
  table.add("rollout.warmup", &o.warmup, {.meaning = "as train.warmup", .min = 0, .max = 0.9});
  table.add("rollout.trajectories_per_step", &o.trajectories_per_step,
            {.meaning = "roll-outs per step", .min = 1, .max = 65536});
  table.add("rollout.stride", &o.stride,
            {.meaning = "most data steps per RK4 step; 0 = from the data", .unit = "snapshots", .min = 0});
  table.add(
      "rollout.stride_min", &o.stride_min,
      {.meaning =
           "least data steps per RK4 step: every training step draws from stride_min..stride, so that fast "
           "dynamics cannot be fitted to the error of one step size; 0 = from the data",
       .unit = "snapshots",
       .min = 0});
  table.add("rollout.horizon_start", &o.horizon_start,
            {.meaning = "first length of a roll-out; cut to the trajectory; 0 = from the data",
             .unit = "snapshots",
             .min = 0});
  table.add("rollout.horizon_end", &o.horizon_end,
            {.meaning = "last length of a roll-out; cut to the trajectory; 0 = from the data",
             .unit = "snapshots",
             .min = 0});
  table.add("rollout.clip", &o.clip,
            {.meaning = "largest global gradient norm", .min = 0, .min_is_exclusive = true});
  table.add("rollout.horizon_growth", &o.horizon_growth,
            {.meaning = "fraction of the stage over which the length grows", .min = 0, .max = 1});
  table.add("rollout.frames", &o.frames, {.meaning = "decoded frames per roll-out, 0 = all", .min = 0});
  table.add(
      "rollout.autoencoder", &o.autoencoder,
      {.meaning =
           "weight of the error of decode(encode(y)) at random snapshots: roll-outs alone would let the "
           "autoencoder drift where none of them starts",
       .min = 0});
  table.add(
      "rollout.latent_match", &o.latent_match,
      {.meaning = "weight of the squared distance between rolled-out and encoded latent states", .min = 0});
  table.add("rollout.validate_every", &o.validate_every,
            {.meaning = "steps between validations; the best averaged weights are kept",
             .unit = "steps",
             .min = 1});
  table.add("rollout.patience", &o.patience,
            {.meaning = "validations without improvement before the stage stops, 0 = never", .min = 0});
}

}  // namespace

void describe(OptionTable& table, TrainOptions& o) {
  describe(table, o.elbo);
  describe(table, o.rollout);
  table.add("calibrate.members", &o.calibrate.members,
            {.meaning = "members of the ensembles that calibration fits", .min = 2, .max = 10000});
  table.add("calibrate.n_steps", &o.calibrate.n_steps,
            {.meaning = "frames of the ensembles that calibration fits, 0 = as eval.n_steps",
             .unit = "snapshots",
             .min = 0});
  table.add("checkpoint.every", &o.checkpoint_every,
            {.meaning = "time between checkpoints", .unit = "duration", .min = 0});
}

}  // namespace msde
