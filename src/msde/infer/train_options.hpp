// What a user may choose of training: the [train], [rollout], [calibrate] and [checkpoint] sections.
#pragma once

#include <cstdint>
#include <string>

#include "msde/core/options.hpp"

namespace msde {

// The optimiser's learning rate over a stage: warm-up to the peak, then a cosine to a hundredth of it.
struct ScheduleOptions {
  double warmup_fraction = 0.1;
  double final_fraction = 0.01;
};

struct ElboOptions {            // stage 1: solver-free variational inference
  int64_t max_steps = 400;
  double lr = 0.015;
  int64_t windows_per_step = 8;
  int64_t window = 64;          // snapshots
  double beta_warmup = 0.2;     // fraction of the steps over which the residual's weight rises to 1
  double clip = 1.0;            // global gradient norm
  double ema = 0.98;            // averaged weights: decay per step
  std::string optimiser = "muon";  // "muon" or "adam"
  bool denoise = true;          // smooth the training coefficients in time (reduced preset)
  int64_t seed = 0;
};

struct RolloutOptions {         // stage 2: free-running roll-outs of the mean dynamics
  int64_t max_steps = 1200;
  double lr = 0.015;
  int64_t trajectories_per_step = 16;
  int64_t stride = 20;          // data steps per RK4 step
  int64_t horizon_start = 40;   // data steps
  int64_t horizon_end = 400;
  double horizon_growth = 0.3;  // fraction of the steps over which the horizon grows
  int64_t frames = 0;           // decoded frames per roll-out; 0 = all
  int64_t validate_every = 50;
  int64_t patience = 0;         // validations without improvement before stopping; 0 = never
};

struct CalibrateOptions {       // stage 3: spread of free-running ensembles on validation
  int64_t members = 20;
  int64_t n_steps = 0;          // frames; 0 = as eval.n_steps
};

struct TrainOptions {
  ElboOptions elbo;
  RolloutOptions rollout;
  CalibrateOptions calibrate;
  Duration checkpoint_every{30};
};

void describe(OptionTable& table, TrainOptions& options);

}  // namespace msde
