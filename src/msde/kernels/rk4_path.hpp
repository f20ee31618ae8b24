// The path of the mean dynamics by the classical Runge-Kutta method, and its adjoint.
#pragma once

#include <vector>

#include "msde/kernels/drift.hpp"

namespace msde {

struct PathSteps {
  double h = 1;          // of a step
  int64_t n_frames = 1;  // states returned, the first one included
  int64_t substeps = 1;  // steps per frame
  // In place of both, where steps have lengths of their own: steps made at each frame, 0 first.
  std::vector<int64_t> frame_ends = {};

  int64_t end_of(int64_t frame) const {
    return frame_ends.empty() ? frame * substeps : frame_ends[static_cast<size_t>(frame)];
  }
  int64_t n_steps() const { return end_of(n_frames - 1); }
};

// dz/dt = drift(z, outside(t)): z_(n+1) = z_n + h sum b_i k_i, k_i = drift(z_n + h a_i k_(i-1)).
struct Rk4PathKernel {
  DriftKernel drift;
  PathSteps steps;

  int64_t tape_width() const;
  int64_t scratch_size(int64_t n) const;
  int64_t gradient_size() const { return drift.gradient_size(); }  // the drift's
  DriftKernel::Transposed transposed_weights() const { return drift.transposed_weights(); }

  // z0 [n, n_z], outside [n, 2 n_steps + 1, n_outside] at every half step -> path [n, n_frames, n_z]. Without
  // a tape, null, one evaluation's room is used again and again.
  struct Block {
    int64_t n;
    const float *z0, *outside;
    const float* h = nullptr;  // [n, n_steps] lengths of the steps; null: steps.h
  };
  void forward(const Block& block, float* path, float* tape, float* scratch) const;

  // With lambda_n the gradient of what is downstream of z_n:
  //   lambda_n = lambda_(n+1) + sum_i w_i,  w_i = J_i^T (h b_i lambda_(n+1) + h a_(i+1) w_(i+1)).
  // Writes z0_gradient [n, n_z], adds to `parameters`.
  struct Gradients {
    const float* upstream;  // [n, n_frames, n_z]
    float *z0_gradient, *parameters;
    const float* h = nullptr;  // as of Block
  };
  void backward(int64_t n, const float* tape, const DriftKernel::Transposed& transposed,
                const Gradients& gradients, float* scratch) const;

 private:
  int64_t evaluations() const;
};
static_assert(Kernel<Rk4PathKernel>);

}  // namespace msde
