// Steps of Adam and Muon on parameters in plain memory: what Optimiser computes by LibTorch otherwise.
#pragma once

#include <cstdint>

namespace msde {

// m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2,  w -= step m / (sqrt(v) / root2 + epsilon),
// step = lr / (1 - b1^t), root2 = sqrt(1 - b2^t).
struct AdamUpdate {
  float beta1, beta2, epsilon, step, root2;
  void apply(int64_t size, const float* g, float* m, float* v, float* w) const;
};

// m = p m + (1 - p) g,  w -= step NS((1 - p) g + p m) of a matrix [rows, columns], row-major.
struct MuonUpdate {
  int64_t rows, columns;
  float momentum, step;
  int64_t scratch_size() const;  // floats
  void apply(const float* g, float* m, float* w, float* scratch) const;
};

// The quintic that a step of the Newton-Schulz iteration applies to singular values: a s + b s^3 + c s^5
// (Jordan et al. 2024).
struct NewtonSchulz {
  static constexpr float a = 3.4445f, b = -4.7750f, c = 2.0315f;
  static constexpr int steps = 5;
};

}  // namespace msde
