// One step of each scheme, each beside its formula. f = drift, L = dispersion (diagonal), h = step.
#include "msde/core/error.hpp"
#include "msde/core/numbers/runge_kutta.hpp"
#include "msde/sde/integrate.hpp"

namespace msde {
namespace {

using torch::Tensor;

struct SchemeRow {
  Scheme scheme;
  const char* name;
  int64_t drift_evaluations;
};
constexpr SchemeRow scheme_table[] = {
    {Scheme::rk4, "rk4", 4},
    {Scheme::euler_maruyama, "euler_maruyama", 1},
    {Scheme::heun, "heun", 2},
    {Scheme::srk, "srk", 2},
};

const SchemeRow& row_of(Scheme scheme) {
  for (const auto& row : scheme_table)
    if (row.scheme == scheme) return row;
  throw ConfigError("integrator: got an unknown scheme number");
}

// z' = z + h f(t, z) + L(t) dW
Tensor euler_maruyama_step(const Sde& sde, double t, double h, const Tensor& z, const BrownianStep& noise) {
  return z + h * sde.drift(t, z) + sde.dispersion(t) * noise.dW;
}

// p = z + h f(t, z) + L(t) dW,  z' = z + h/2 (f(t, z) + f(t + h, p)) + 1/2 (L(t) + L(t + h)) dW
// (Kloeden & Platen 1992, section 15.1; for additive noise Ito and Stratonovich coincide)
Tensor heun_step(const Sde& sde, double t, double h, const Tensor& z, const BrownianStep& noise) {
  const auto L0 = sde.dispersion(t), L1 = sde.dispersion(t + h);
  const auto f0 = sde.drift(t, z);
  const auto f1 = sde.drift(t + h, z + h * f0 + L0 * noise.dW);
  return z + h / 2 * (f0 + f1) + (L0 + L1) / 2 * noise.dW;
}

// Sra1 of runge_kutta.hpp. The stage noise is what Euler-Maruyama and Heun miss.
Tensor srk_step(const Sde& sde, double t, double h, const Tensor& z, const BrownianStep& noise) {
  const auto L0 = sde.dispersion(t), L1 = sde.dispersion(t + h);
  const auto f0 = sde.drift(t, z);
  const auto H = z + Sra1::node * h * f0 + Sra1::noise / h * L1 * noise.dZ;
  const auto f1 = sde.drift(t + Sra1::node * h, H);
  return z + h * (Sra1::weight[0] * f0 + Sra1::weight[1] * f1) + L1 * noise.dW + (L0 - L1) / h * noise.dZ;
}

}  // namespace

Scheme parse_scheme(const std::string& name) {
  std::string names;
  for (const auto& row : scheme_table) {
    if (name == row.name) return row.scheme;
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  throw ConfigError("integrator: got '" + name + "', expected one of " + names);
}

std::string to_string(Scheme scheme) {
  return row_of(scheme).name;
}

int64_t drift_evaluations_per_step(Scheme scheme) {
  return row_of(scheme).drift_evaluations;
}

Tensor step(Scheme scheme, const Sde& sde, double t, double h, const Tensor& z, const BrownianStep& noise) {
  switch (scheme) {
    case Scheme::rk4:
      return classical_runge_kutta_step(sde.drift, t, h, z);
    case Scheme::euler_maruyama:
      return euler_maruyama_step(sde, t, h, z, noise);
    case Scheme::heun:
      return heun_step(sde, t, h, z, noise);
    case Scheme::srk:
      return srk_step(sde, t, h, z, noise);
  }
  throw ConfigError("integrator: got an unknown scheme number");
}

}  // namespace msde
