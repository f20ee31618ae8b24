// One step of each scheme, each beside its formula. f = drift, L = dispersion (diagonal), h = step.
#include "msde/core/error.hpp"
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

//   0  |
//  1/2 | 1/2
//  1/2 |  0  1/2
//   1  |  0   0   1
//      | 1/6 1/3 1/3 1/6      (Kutta 1901)
Tensor rk4_step(const Sde& sde, double t, double h, const Tensor& z) {
  const auto k1 = sde.drift(t, z);
  const auto k2 = sde.drift(t + h / 2, z + h / 2 * k1);
  const auto k3 = sde.drift(t + h / 2, z + h / 2 * k2);
  const auto k4 = sde.drift(t + h, z + h * k3);
  return z + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
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

// SRA1 of Roessler, SIAM J. Numer. Anal. 48 (2010), table 6.3. The stage noise carries a'(z) L dZ, which is
// what Euler-Maruyama and Heun miss; the last term integrates a linearly varying L(t) exactly:
//   H  = z + 3/4 h f(t, z) + 3/2 L(t + h) dZ/h
//   z' = z + h (1/3 f(t, z) + 2/3 f(t + 3/4 h, H)) + L(t + h) dW + (L(t) - L(t + h)) dZ/h
Tensor srk_step(const Sde& sde, double t, double h, const Tensor& z, const BrownianStep& noise) {
  const auto L0 = sde.dispersion(t), L1 = sde.dispersion(t + h);
  const auto f0 = sde.drift(t, z);
  const auto H = z + 3. / 4 * h * f0 + 3. / 2 / h * L1 * noise.dZ;
  const auto f1 = sde.drift(t + 3. / 4 * h, H);
  return z + h * (f0 / 3 + 2. / 3 * f1) + L1 * noise.dW + (L0 - L1) / h * noise.dZ;
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
      return rk4_step(sde, t, h, z);
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
