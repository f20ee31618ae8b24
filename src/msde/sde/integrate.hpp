// Fixed-step integrators for  dz = f(t, z) dt + L(t) dW  with additive diagonal noise.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "msde/sde/unequal_steps.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// z: [..., d]; t: scalar. Drift returns [..., d], dispersion the diagonal of L as [d], or anything that
// broadcasts against z.
struct Sde {
  std::function<torch::Tensor(double t, const torch::Tensor& z)> drift;
  std::function<torch::Tensor(double t)> dispersion;
};

// Brownian motion over one step of length h: dW = W(h), dZ = int_0^h W(s) ds, both [..., d].
struct BrownianStep {
  torch::Tensor dW, dZ;
};
// Noise as a value: the increments of step k are a function of k alone.
using BrownianPath = std::function<BrownianStep(int64_t step, double h)>;

enum class Scheme {
  rk4,             // classical Runge-Kutta of the mean dynamics; ignores the noise; order 4
  euler_maruyama,  // strong order 1 for additive noise
  heun,            // stochastic Heun, strong order 1 for additive noise, drift order 2
  srk,             // stochastic Runge-Kutta, strong order 1.5 for additive noise (Roessler 2010, SRA1)
};
Scheme parse_scheme(const std::string& name);  // "rk4", "euler_maruyama", "heun", "srk"; ConfigError
std::string to_string(Scheme scheme);
int64_t drift_evaluations_per_step(Scheme scheme);

torch::Tensor step(Scheme scheme, const Sde& sde, double t, double h, const torch::Tensor& z,
                   const BrownianStep& noise);

struct TimeGrid {
  double t0 = 0;
  double dt = 1;          // spacing of the states returned
  int64_t n_outputs = 1;  // states after z0
  int64_t substeps = 1;   // integrator steps per dt
  // In place of dt and substeps, from t0 = 0: n_outputs states after z0.
  std::optional<UnequalSteps> unequal = {};
  int64_t n_steps() const { return unequal ? unequal->n_steps() : n_outputs * substeps; }
};
void check(const TimeGrid& grid);  // ConfigError
// States at t0 + (0..n_outputs) dt: [n_outputs + 1, ..., d]. `noise` may be empty for rk4.
torch::Tensor integrate(Scheme scheme, const Sde& sde, const torch::Tensor& z0, const TimeGrid& grid,
                        const BrownianPath& noise);

// The same where steps are not alike: step k is one of length 1 of the SDE that `sde_of_step(k)` gives, as of a time that
// runs from 0 to 1 in it. states [B, ..] or [M, B, ..].
using SdeOfStep = std::function<Sde(int64_t step)>;
torch::Tensor integrate(Scheme scheme, const SdeOfStep& sde_of_step, const torch::Tensor& z0,
                        const UnequalSteps& steps, const BrownianPath& noise);

// Increments keyed by (seed, Stream::ensemble, step): reproducible per member whatever the number of members.
// `shape` is z's, members leading; member m of shape [M, ...] gets the same numbers for every M.
BrownianPath keyed_brownian_path(uint64_t seed, at::IntArrayRef shape, const torch::TensorOptions& options);

}  // namespace msde
