// Ordinary differential equations by the Runge-Kutta pair 5(4) of Dormand & Prince (1980) with Hairer's
// interpolation of order 4 between steps, from Boost.Odeint (Ahnert & Mulansky, AIP Conf. Proc. 1389 (2011));
// ode.cpp alone includes Boost. The method is that of RK45 in SciPy and of DOPRI5, and like these it
// takes the root mean square of the scaled error.
#pragma once

#include <functional>
#include <limits>

#include "msde/tensor/torch.hpp"

namespace msde {

struct OdeOptions {
  double relative_tolerance = 1e-3, absolute_tolerance = 1e-6;  // the defaults of SciPy's solve_ivp
  double bound = std::numeric_limits<double>::infinity();       // on the Euclidean norm: beyond, a blow-up
  int64_t max_evaluations = 1'000'000;                          // of the rate
};

// Output at t0, t0 + dt, .., t0 + n_steps dt; dt > 0.
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

// dx/dt = rate, x(t0) = initial, float64 [n]. The rate is asked for times between t0 and t0 + n_steps dt
// only. NumericsError with the time of blow-up: a state that is not finite or (at an output) beyond the
// bound, a step size that underflows, too many evaluations. What `rate` throws passes through.
OdeSolution integrate_ode(const OdeRate& rate, const torch::Tensor& initial, const OdeTimes& times,
                          const OdeOptions& options = {});

}  // namespace msde
