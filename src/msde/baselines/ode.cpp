#include "msde/baselines/ode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "msde/core/error.hpp"

namespace msde {
namespace {

namespace odeint = boost::numeric::odeint;

using OdeState = std::vector<double>;
using DormandPrince = odeint::runge_kutta_dopri5<OdeState>;

struct RateNotFinite {};  // thrown through Odeint out of a step, which is then tried again with a smaller one

// sqrt(mean_i (error_i / (absolute + relative |x_i|))^2), at most 1 where a step is good: the norm of SciPy
// and of Hairer's DOPRI5 up to which end of the step x is taken from. Odeint's own takes the largest
// component and adds the slope to the scale.
class ScaledError {
 public:
  explicit ScaledError(const OdeOptions& o)
      : absolute_(o.absolute_tolerance), relative_(o.relative_tolerance) {}
  double norm(const OdeState& x, const OdeState& v) const {
    double sum = 0;
    for (size_t i = 0; i < x.size(); ++i) sum += std::pow(v[i] / (absolute_ + relative_ * std::abs(x[i])), 2);
    return std::sqrt(sum / static_cast<double>(x.size()));
  }
  // What Odeint calls. It would accept a step whose error is not a number.
  template <class Algebra>
  double error(Algebra&, const OdeState& x, const OdeState&, const OdeState& v, double) const {
    const double size = norm(x, v);
    return std::isfinite(size) ? size : std::numeric_limits<double>::max();
  }

 private:
  double absolute_, relative_;
};

bool all_finite(const OdeState& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

// Goes from step to step; between the ends of the last one the state is interpolated (order 4).
class Integration {
 public:
  Integration(const OdeRate& rate, OdeState initial, const OdeTimes& times, const OdeOptions& options)
      : rate_(rate),
        options_(options),
        end_(times.t0 + times.dt * static_cast<double>(times.n_steps)),
        error_(options),
        stepper_(error_),
        t_(times.t0),
        t_old_(t_),
        x_(std::move(initial)),
        dx_(x_.size()),
        x_old_(x_),
        dx_old_(dx_) {
    try {
      evaluate(x_, dx_, t_);
    } catch (const RateNotFinite&) {
      blow_up(t_, "the rate is not finite");
    }
    // One hundredth of the time in which the state changes by itself (Hairer, Norsett & Wanner I, II.4).
    const double size = error_.norm(x_, x_), speed = error_.norm(x_, dx_);
    step_ = size > 1e-5 && speed > 1e-5 ? .01 * size / speed : 1e-6 * times.dt;
  }

  // The state at t, which does not lie before the last one asked for.
  void at(double t, OdeState& x) {
    while (t_ < t && t_ < end_) step();
    if (t_old_ == t_)
      x = x_;
    else
      stepper_.stepper().calc_state(t, x, x_old_, dx_old_, t_old_, x_, dx_, t_);
  }

  [[noreturn]] static void blow_up(double t, const std::string& why) {
    throw NumericsError(fmt::format("blow-up at t = {:.6g}: {}", t, why));
  }

  int64_t evaluations() const { return evaluations_; }

 private:
  void evaluate(const OdeState& x, OdeState& dx, double t) {
    if (++evaluations_ > options_.max_evaluations)
      blow_up(t_old_, fmt::format("more than {} evaluations", options_.max_evaluations));
    rate_(t, x.data(), dx.data());
    if (!all_finite(dx)) throw RateNotFinite();
  }

  void step() {
    const auto rate = [this](const OdeState& x, OdeState& dx, double t) { evaluate(x, dx, t); };
    x_old_.swap(x_), dx_old_.swap(dx_), t_old_ = t_;
    for (;;) {
      // Nothing is asked of the rate beyond the end, and no last step is left that rounding makes zero.
      const bool last = 1.01 * step_ >= end_ - t_old_;
      const double tried = last ? end_ - t_old_ : step_;
      if (!last && !(t_old_ + tried / 10 > t_old_)) blow_up(t_old_, "no step is small enough");
      step_ = tried;
      try {
        const auto result = stepper_.try_step(rate, x_old_, dx_old_, t_, x_, dx_, step_);
        if (result == odeint::success && all_finite(x_)) {
          if (last) t_ = end_;  // whatever rounding says
          return;
        }
        t_ = t_old_;
        if (result == odeint::success) step_ = tried / 4;
      } catch (const RateNotFinite&) {
        step_ = tried / 4;
      }
    }
  }

  const OdeRate& rate_;
  const OdeOptions& options_;
  double end_;
  ScaledError error_;
  odeint::controlled_runge_kutta<DormandPrince, ScaledError> stepper_;
  double t_, t_old_, step_ = 0;
  OdeState x_, dx_, x_old_, dx_old_;
  int64_t evaluations_ = 0;
};

}  // namespace

OdeSolution integrate_ode(const OdeRate& rate, const torch::Tensor& initial, const OdeTimes& times,
                          const OdeOptions& options) {
  const auto first = initial.to(torch::kDouble).contiguous().flatten();
  OdeState x(first.data_ptr<double>(), first.data_ptr<double>() + first.numel());
  OdeSolution solution;
  solution.states = torch::empty({times.n_steps + 1, first.numel()}, torch::kDouble);
  solution.states[0].copy_(first);
  if (times.n_steps == 0) return solution;

  Integration integration(rate, x, times, options);
  for (int64_t i = 1; i <= times.n_steps; ++i) {
    const double t = times.t0 + times.dt * static_cast<double>(i);
    integration.at(t, x);
    auto state = solution.states[i];
    std::copy(x.begin(), x.end(), state.data_ptr<double>());
    const double norm = state.norm().item<double>();
    if (!(norm <= options.bound)) Integration::blow_up(t, fmt::format("the state has norm {:.3g}", norm));
  }
  solution.evaluations = integration.evaluations();
  return solution;
}

}  // namespace msde
