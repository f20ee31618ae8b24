// Which stretches of which trajectories a training step sees.
#pragma once

#include "msde/core/random/random.hpp"
#include "msde/field/dataset.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct WindowChoice {
  torch::Tensor trajectory;  // int64 [B], 0 .. n_trajectories - 1
  torch::Tensor start;       // int64 [B], first snapshot of the window
  int64_t length = 0;        // W, cut to the trajectory
};

// B = count windows of W = `length` snapshots. The trajectory is uniform; the start is uniform on -(W-1) ..
// T-1 and clamped to 0 .. T-W, so that every snapshot, the ends included, is seen at least as often as one in
// the middle:
//   P(snapshot i in a window) >= W / (T+W-1), with equality at both ends and in the middle (1 where W = T).
// A pure function of the key {seed, Stream::window_choice, training step}. ConfigError if length or count
// < 1.
WindowChoice choose_windows(const SplitShape& split, int64_t length, int64_t count, const RandomKey& key);

}  // namespace msde
