#include "msde/baselines/ode.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "msde/core/error.hpp"

namespace msde {
namespace {

void oscillate(double, const double* x, double* dx) {
  dx[0] = x[1], dx[1] = -x[0];
}

OdeOptions options(double tolerance = 1e-3) {
  return {.relative_tolerance = tolerance, .absolute_tolerance = tolerance};
}

std::string message(const OdeRate& rate, const OdeOptions& o) {
  try {
    integrate_ode(rate, torch::ones({1}, torch::kDouble), {0, .1, 20}, o);
  } catch (const NumericsError& error) {
    return error.what();
  }
  return "";
}

double max_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

constexpr double tight = 1e-12;

TEST(Ode, ErrorFollowsTheTolerance) {
  const auto t = torch::arange(51, torch::kDouble) * .2 + 3;
  const auto exact = torch::stack({torch::cos(t - 3), -torch::sin(t - 3)}, 1);
  std::vector<double> errors, work;
  for (const double tolerance : {1e-4, 1e-7, 1e-10}) {
    const auto solution =
        integrate_ode(oscillate, torch::tensor({1., 0.}, torch::kDouble), {3, .2, 50}, options(tolerance));
    errors.push_back(max_difference(solution.states, exact));
    work.push_back(static_cast<double>(solution.evaluations));
    EXPECT_LT(errors.back(), 300 * tolerance);
  }
  EXPECT_LT(errors[1], errors[0] / 30);
  EXPECT_LT(errors[2], errors[1] / 30);
  EXPECT_LT(work[0], work[1]);
  EXPECT_LT(work[1], work[2]);
}

// x' = x (1 - x): x = 1 / (1 + (1 / x0 - 1) exp(-t)).
TEST(Ode, LogisticGrowthIsExactToTheTightestTolerance) {
  const auto rate = [](double, const double* x, double* dx) { dx[0] = x[0] * (1 - x[0]); };
  const auto t = torch::arange(101, torch::kDouble) * .1;
  const auto solution =
      integrate_ode(rate, torch::tensor({.01}, torch::kDouble), {0, .1, 100}, options(tight));
  EXPECT_LT(max_difference(solution.states.flatten(), 1 / (1 + 99 * torch::exp(-t))), 100 * tight);
}

// Central differences of u_t = -u_x carry sin(k j) exactly, with the angular frequency sin(k) / dx: the
// equation of coarse DNS on wave_1d, at its tolerances and at tight ones.
TEST(Ode, CentralAdvectionIsExactToTheTolerance) {
  constexpr int64_t n = 20, n_steps = 200;
  constexpr double dx = 1. / n, k = 2 * std::numbers::pi * 3 / n;
  const auto rate = [](double, const double* u, double* du) {
    for (int64_t i = 0; i < n; ++i) du[i] = (u[(i + n - 1) % n] - u[(i + 1) % n]) / (2 * dx);
  };
  const auto t = torch::arange(n_steps + 1, torch::kDouble).unsqueeze(1) * .005;
  const auto exact = torch::sin(k * torch::arange(n, torch::kDouble) - std::sin(k) / dx * t);
  EXPECT_LT(max_difference(integrate_ode(rate, exact[0], {0, .005, n_steps}).states, exact), 5e-3);
  const auto solution = integrate_ode(rate, exact[0], {0, .005, n_steps}, options(tight));
  EXPECT_LT(max_difference(solution.states, exact), 100 * tight);
}

// The Lorenz system by its Taylor series, order 24 with steps of .01: an independent reference to rounding.
torch::Tensor lorenz_by_taylor_series(int64_t n_steps) {
  constexpr int order = 24;
  constexpr double h = .01;
  auto states = torch::empty({n_steps + 1, 3}, torch::kDouble);
  std::array<double, 3> now = {1, 7, 27};
  for (int64_t i = 0;; ++i) {
    for (int c = 0; c < 3; ++c) states[i][c] = now[static_cast<size_t>(c)];
    if (i == n_steps) return states;
    std::array<double, order + 1> x{now[0]}, y{now[1]}, z{now[2]};
    for (size_t m = 0; m < order; ++m) {
      double xz = 0, xy = 0;
      for (size_t j = 0; j <= m; ++j) xz += x[j] * z[m - j], xy += x[j] * y[m - j];
      const double divisor = static_cast<double>(m + 1);
      x[m + 1] = 10 * (y[m] - x[m]) / divisor;
      y[m + 1] = (28 * x[m] - xz - y[m]) / divisor;
      z[m + 1] = (xy - 8. / 3 * z[m]) / divisor;
    }
    now = {};
    for (int m = order; m >= 0; --m) {
      const auto j = static_cast<size_t>(m);
      now = {now[0] * h + x[j], now[1] * h + y[j], now[2] * h + z[j]};
    }
  }
}

TEST(Ode, LorenzSystemFollowsItsTaylorSeries) {
  const auto rate = [](double, const double* x, double* dx) {
    dx[0] = 10 * (x[1] - x[0]), dx[1] = x[0] * (28 - x[2]) - x[1], dx[2] = x[0] * x[1] - 8. / 3 * x[2];
  };
  const auto reference = lorenz_by_taylor_series(200);
  const auto first = reference[0].clone();
  // Loose tolerances against the same equation at tight ones; these against the series.
  const auto exact = integrate_ode(rate, first, {0, .01, 200}, options(tight)).states;
  EXPECT_LT(max_difference(exact, reference), 1e-9);  // a disturbance grows some tenfold in this time
  EXPECT_LT(max_difference(integrate_ode(rate, first, {0, .01, 200}, options(1e-6)).states, exact), 1e-3);
}

TEST(Ode, OutputsMayBeFarApart) {
  const auto solution =
      integrate_ode(oscillate, torch::tensor({1., 0.}, torch::kDouble), {0, 7, 3}, options(1e-9));
  for (int i = 0; i <= 3; ++i) EXPECT_NEAR(solution.states[i][0].item<double>(), std::cos(7 * i), 1e-7);
}

TEST(Ode, RateIsNotAskedBeyondTheEnd) {
  double latest = 0;
  const auto rate = [&](double t, const double*, double* dx) { latest = std::max(latest, t), dx[0] = 1e-3; };
  integrate_ode(rate, torch::ones({1}, torch::kDouble), {0, .1, 20}, options());
  EXPECT_DOUBLE_EQ(latest, 2);
}

TEST(Ode, TimeReachesTheRate) {
  const auto rate = [](double t, const double*, double* dx) { dx[0] = 2 * t; };  // x = t^2
  const auto solution = integrate_ode(rate, torch::tensor({4.}, torch::kDouble), {2, .5, 4}, options(1e-8));
  EXPECT_NEAR(solution.states[4][0].item<double>(), 16, 1e-6);
}

TEST(Ode, BlowUpNamesItsTime) {
  // x' = x^2, x(0) = 1: x = 1 / (1 - t).
  const auto square = [](double, const double* x, double* dx) { dx[0] = x[0] * x[0]; };
  const auto bounded = [&] {
    auto o = options();
    o.bound = 8;
    return o;
  }();
  EXPECT_NE(message(square, bounded).find("blow-up at t = 0.9"), std::string::npos)
      << message(square, bounded);
  const auto free = message(square, options());
  EXPECT_TRUE(free.find("blow-up at t = 1") != std::string::npos ||
              free.find("t = 0.99") != std::string::npos)
      << free;
}

TEST(Ode, NotANumberAndEndlessWorkAreBlowUps) {
  const auto nan = [](double t, const double*, double* dx) { dx[0] = t > .5 ? std::nan("") : 1; };
  const auto always = [](double, const double*, double* dx) { dx[0] = std::nan(""); };
  EXPECT_NE(message(always, options()).find("blow-up at t = 0:"), std::string::npos);
  EXPECT_NE(message(nan, options()).find("blow-up at t = 0.5"), std::string::npos) << message(nan, options());
  auto few = options(1e-9);
  few.max_evaluations = 50;
  const auto wiggle = [](double t, const double*, double* dx) { dx[0] = std::cos(100 * t); };
  EXPECT_NE(message(wiggle, few).find("more than 50 evaluations"), std::string::npos);
}

TEST(Ode, WhatTheRateThrowsPassesThrough) {
  const auto rate = [](double, const double*, double*) { throw std::out_of_range("mine"); };
  EXPECT_THROW(integrate_ode(rate, torch::ones({1}, torch::kDouble), {}, options()), std::out_of_range);
}

}  // namespace
}  // namespace msde
