// What Ilersich & Nair, Learning Stochastic Multiscale Models (NeurIPS 2025), report of a case, and what
// their scripts set for it.
#pragma once

#include <cstdint>
#include <string>

namespace msde {

struct PublishedScore {
  double mean = 0, std = 0;
};

struct PublishedCase {
  // Relative L2 error, over test trajectories and times, frame 0 included; of these sizes, on the grid of the
  // case.
  PublishedScore coarse_dns, dmd, pod_sindy, macro_only, multiscale;
  int64_t n_zeta = 0, n_eta = 5, n_frames = 0;

  // A learned model is scored by the mean of n_enc solutions of its SDE with n_dec noisy draws each.
  std::string scheme = "srk";  // that solves it
  int64_t n_enc = 64, n_dec = 64;
  int64_t learned_drops_last = 0,
          pod_sindy_drops_last = 0;  // snapshots that the scripts leave out at the end

  double pod_sindy_threshold = .1;
  int64_t pod_sindy_degree = 1;
};

}  // namespace msde
