// What a user may choose of training: the [train], [rollout], [calibrate] and [checkpoint] sections.
#pragma once

#include <cstdint>
#include <string>

#include "msde/core/options/options.hpp"

namespace msde {

struct ElboOptions {  // stage 1: solver-free variational inference
  int64_t max_steps = 400;
  double lr = 0.015;          // peak; of weight matrices where Muon updates them
  double lr_vectors = 0.002;  // peak of the rest under Muon
  double warmup = 0.1;        // fraction of the stage
  int64_t windows_per_step = 8;
  int64_t window = 0;              // snapshots; 0 = from the data (time_steps.hpp)
  double beta_warmup = 0.2;        // fraction of the steps over which the residual's weight rises to 1
  double clip = 5.0;               // global gradient norm
  double ema = 0.98;               // averaged weights: decay per step
  std::string optimiser = "muon";  // "muon" or "adam"
  bool denoise = true;             // smooth the training coefficients in time (reduced preset)
  int64_t seed = 0;
};

struct RolloutOptions {  // stage 2: free-running roll-outs of the mean dynamics
  int64_t max_steps = 1200;
  double lr = 0.015;
  double lr_vectors = 0.001;
  double warmup = 0.05;
  int64_t trajectories_per_step = 16;
  // 0 = from the data (time_steps.hpp)
  int64_t stride = 0;         // most data steps per RK4 step; each training step draws its own ..
  int64_t stride_min = 0;     // .. from stride_min..stride
  int64_t horizon_start = 0;  // data steps
  int64_t horizon_end = 0;
  double clip = 1.0;            // global gradient norm
  double horizon_growth = 0.3;  // fraction of the steps over which the horizon grows
  int64_t frames = 0;           // decoded frames per roll-out; 0 = all
  double autoencoder = 0.01;    // weight of the error of decode(encode(y)) at random snapshots
  double latent_match = 0;      // weight of |z - encode(y)|^2 beside the error of the decoded frames
  int64_t validate_every = 50;
  int64_t patience = 20;  // validations without improvement before stopping; 0 = never
};

struct CalibrateOptions {  // stage 3: spread of free-running ensembles
  int64_t members = 20;
  int64_t n_steps = 0;  // frames; 0 = as eval.n_steps
};

struct TrainOptions {
  ElboOptions elbo;
  RolloutOptions rollout;
  CalibrateOptions calibrate;
  Duration checkpoint_every{30};
};

void describe(OptionTable& table, TrainOptions& options);

}  // namespace msde
