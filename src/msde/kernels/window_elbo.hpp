// The ELBO and its gradient, window by window in plain memory: what elbo() computes, in one pass. Objective
// of a window: log-likelihood - beta (drift residual + KL).
#pragma once

#include <cstdint>

#include "msde/kernels/decoder.hpp"
#include "msde/kernels/drift.hpp"
#include "msde/kernels/encoder.hpp"

namespace msde {

// Views: the tensors live elsewhere. d = n_zeta + n_eta. The posterior's operators are those about the
// window's mean: their rows sum to 1 and to 0, so that S(t) = s and (log S)' = 0 in the whole window.
struct WindowElboKernel {
  EncoderKernel encoder;
  DecoderKernel decoder;
  DriftKernel drift;
  int64_t W = 1;                                                // snapshots of a window
  const float *value = nullptr, *derivative = nullptr;          // [W, W] of the posterior: GpOperators
  const float *s = nullptr, *L2 = nullptr;                      // [d] variances of the encoder, dispersion^2
  const float *initial_mean = nullptr, *initial_var = nullptr;  // [d] of p(z_0)
  float macro_variance = 1, micro_variance = 1;                 // of the experts
  float duration = 1, beta = 1;
  int64_t n_y = 1;  // values of a snapshot on the fine grid
  float counted =
      1;  // snapshots of a window as the likelihood counts them, on average: W where no value is missing

  int64_t n() const { return encoder.n; }
  int64_t d() const { return encoder.n_z(); }
  float precision() const { return 1 / macro_variance + 1 / micro_variance; }  // P

  // What all windows use, made of the members.
  struct Prepared {
    explicit Prepared(const WindowElboKernel& kernel);
    std::vector<float> std, A;      // [d] sqrt(s), L^2 / (2 s)
    std::vector<float> to_encoder;  // transposed weights
    DecoderKernel::Transposed to_decoder;
    DriftKernel::Transposed to_drift;
  };

  struct Window {
    const float *inputs, *a;                      // [W, n]
    const float* off_norm2;                       // [W]
    const float *likelihood_noise, *drift_noise;  // [W, d]
    const float* outside;                         // [W, n_outside] of the drift
    // Of a window whose nodes are not equally spaced; null: those of all windows, and duration / W each.
    const float *value = nullptr, *derivative = nullptr;  // [W, W]
    const float* weights = nullptr;                       // [W] of the nodes in the integral
    const float* seen = nullptr;                          // [W] share of each snapshot's values; null: all
  };

  // Nats, as ElboTerms.
  struct Terms {
    double macro_residual = 0, micro_correlation = 0, micro_norm = 0, log_determinant = 0, constant = 0,
           drift_residual = 0, kl_initial = 0;
    void add(const Terms& other);
  };

  // Of the objective; shaped as the members (those of value and derivative are the window's). The last three are on the way to those of s, L2 and the
  // variances.
  struct Gradients {
    float *separation, *prolongation, *value, *derivative, *s, *L2, *initial_mean, *initial_var,
        *macro_variance, *micro_variance, *encoder, *decoder, *drift, *std, *A, *P;
  };

  int64_t scratch_size() const;  // floats that `add_window` works in
  // Adds weight * the part of a window.
  void add_window(const Window& window, float weight, const Prepared& prepared, Terms& terms,
                  const Gradients& gradients, float* memory) const;
  // Adds what does not depend on the data, and completes the gradients. Once, when every window is in.
  void add_shared(const Prepared& prepared, Terms& terms, const Gradients& gradients) const;

 private:
  struct Posterior;
  void likelihood(const Window&, float weight, const Prepared&, Terms&, const Gradients&, Posterior&,
                  float* memory) const;
  void drift_residual(const Window&, float weight, const Prepared&, Terms&, const Gradients&, Posterior&,
                      float* memory) const;
  void distance_from_initial_mean(float weight, Terms&, const Gradients&, Posterior&) const;
  int64_t likelihood_memory() const;
  int64_t drift_memory() const;
};

}  // namespace msde
