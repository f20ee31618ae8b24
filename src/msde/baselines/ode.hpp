// Ordinary differential equations by SUNDIALS (Hindmarsh et al., ACM TOMS 31 (2005)); ode.cpp alone includes
// it.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <limits>

namespace msde {

enum class OdeMethod {
  adams,          // CVODE: Adams of variable order with fixed-point iteration (as LSODA on what is not stiff)
  dormand_prince  // ARKODE ERK: Runge-Kutta 5(4) of Dormand & Prince (as RK45 of SciPy)
};

struct OdeOptions {
  OdeMethod method = OdeMethod::dormand_prince;
  double relative_tolerance = 1e-3, absolute_tolerance = 1e-6;  // the defaults of SciPy's solve_ivp
  double bound = std::numeric_limits<double>::infinity();       // on the Euclidean norm: beyond, a blow-up
  int64_t max_evaluations = 1'000'000;                          // of the rate
};

// Output at t0, t0 + dt, .., t0 + n_steps dt.
struct OdeTimes {
  double t0 = 0, dt = 1;
  int64_t n_steps = 1;
};

struct OdeSolution {
  torch::Tensor states;     // float64 [n_steps + 1, n]
  int64_t evaluations = 0;  // of the rate
};

// rate(t, x, dx): n numbers in, n numbers out.
using OdeRate = std::function<void(double t, const double* x, double* dx)>;

// dx/dt = rate, x(t0) = initial, float64 [n]. NumericsError with the time of blow-up: a state that is not
// finite or beyond the bound, a step size that underflows, too many evaluations. What `rate` throws passes
// through.
OdeSolution integrate_ode(const OdeRate& rate, const torch::Tensor& initial, const OdeTimes& times,
                          const OdeOptions& options = {});

}  // namespace msde
