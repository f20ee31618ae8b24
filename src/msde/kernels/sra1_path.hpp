// Paths of an ensemble's members by the stochastic Runge-Kutta method SRA1, without an adjoint.
#pragma once

#include "msde/kernels/drift.hpp"
#include "msde/kernels/rk4_path.hpp"

namespace msde {

// dz = drift dt + L dW, a stretch of steps at a time. Members of B trajectories lie trajectory by trajectory
// within a member: state i belongs to trajectory i mod B and sees what that one sees.
struct Sra1PathKernel {
  DriftKernel drift;
  PathSteps steps;
  int64_t B = 1;
  const float* outside;            // [B, 2 n_steps, n_outside] at t and t + 3/4 h of each step in turn
  const float* dispersion;         // [B, n_steps + 1, n_z] diagonal of L(t)
  const float* lengths = nullptr;  // [B, n_steps] of the steps; null: steps.h

  int64_t scratch_size(int64_t n) const;

  // Standard normal draws of steps first .. first + count - 1, of all M members: [count, M, 2, B, n_z], u
  // then v of each.
  struct Noise {
    int64_t first = 0, count = 0, per_step = 0;
    const float* values = nullptr;
  };
  // States first .. first + n - 1 of all: z [n, n_z] at the noise's first step -> after its last; frames on
  // the way into path [n, n_frames, n_z].
  struct Block {
    int64_t first, n;
    float *z, *path;
  };
  void advance(const Block& block, const Noise& noise, float* scratch) const;
};

}  // namespace msde
