// Free-running roll-outs of the mean dynamics, and the loss that fine-tunes them (docs/method.md section 7).
#pragma once

#include <optional>

#include "msde/model/multiscale.hpp"
#include "msde/sde/unequal_steps.hpp"
#include "msde/tensor/ranks/share.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// The centres of the channels in units of their scales, as a field: errors are relative to the whole field, as scores
// are, not to what varies of it.
struct Centre {
  torch::Tensor a;       // [n], undefined: 0
  double off_norm2 = 0;  // |y_perp|^2
  // Mean |y|^2 over mean |y'|^2: a loss times this does not vanish with what varies about a large centre.
  double gain = 1;
};
Centre centre_of(const Units& units, const Grid& grid, const Coordinates& coordinates);

// K frames of B trajectories, `dt_frames` apart, or at times of their own; frame 0 is where the roll-out starts.
struct RolloutBatch {
  torch::Tensor first;      // [B, n] what the encoder reads at frame 0, as at test: one raw snapshot
  torch::Tensor a;          // [B, K, n] targets
  torch::Tensor off_norm2;  // [B, K]
  torch::Tensor t;          // [B, K]
  torch::Tensor mu;         // [B, n_mu]
  torch::Tensor f;  // [B, (K - 1) s + 1, n_f] at every snapshot, s of them per frame, linear in between
  int64_t snapshots_per_frame = 1;  // s
  double dt_frames = 1;
  int64_t substeps = 1;            // RK4 steps per frame
  torch::Tensor mean_energy = {};  // mean |y|^2 of all frames; undefined: of these
  Centre centre = {};              // what was taken off the fields
  // Where times are not equally spaced: those of the snapshots of f [B, (K - 1) s + 1], float64 from frame 0, and the
  // steps from frame to frame, in place of dt_frames and substeps.
  torch::Tensor times = {};
  std::optional<UnequalSteps> steps = {};
  RolloutBatch cut(const Share& rows) const;
};

// z(t_k) by RK4 from E[z | y_0]: [B, K, n_z]. Differentiable.
torch::Tensor roll_out(MultiscaleModel& model, const RolloutBatch& batch, const Scales& scales);

// mean |y|^2 of the frames listed (all when undefined).
torch::Tensor mean_energy(const RolloutBatch& batch, const torch::Tensor& frames = {});

// |y_hat - y|^2 / max(|y|^2, 1e-6 mean |y|^2) per frame, [B, K'], of the frames listed (all when undefined),
// with |y - y_hat|^2 = |a - a_hat|^2 + off_norm2.
torch::Tensor relative_square_error(MultiscaleModel& model, const RolloutBatch& batch, const torch::Tensor& z,
                                    const Scales& scales, const torch::Tensor& frames = {});

}  // namespace msde
