#include "msde/baselines/ode.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "msde/core/error.hpp"

namespace msde {
namespace {

void oscillate(double, const double* x, double* dx) {
  dx[0] = x[1], dx[1] = -x[0];
}

class Ode : public testing::TestWithParam<OdeMethod> {
 protected:
  OdeOptions options(double tolerance = 1e-3) const {
    return {.method = GetParam(), .relative_tolerance = tolerance, .absolute_tolerance = tolerance};
  }
  std::string message(const OdeRate& rate, const OdeOptions& o) const {
    try {
      integrate_ode(rate, torch::ones({1}, torch::kDouble), {0, .1, 20}, o);
    } catch (const NumericsError& error) {
      return error.what();
    }
    return "";
  }
};
INSTANTIATE_TEST_SUITE_P(Methods, Ode, testing::Values(OdeMethod::adams, OdeMethod::dormand_prince),
                         [](const auto& test) {
                           return test.param == OdeMethod::adams ? "adams" : "dormand_prince";
                         });

TEST_P(Ode, ErrorFollowsTheTolerance) {
  const auto t = torch::arange(51, torch::kDouble) * .2 + 3;
  const auto exact = torch::stack({torch::cos(t - 3), -torch::sin(t - 3)}, 1);
  std::vector<double> errors, work;
  for (const double tolerance : {1e-4, 1e-7, 1e-10}) {
    const auto solution =
        integrate_ode(oscillate, torch::tensor({1., 0.}, torch::kDouble), {3, .2, 50}, options(tolerance));
    errors.push_back((solution.states - exact).abs().max().item<double>());
    work.push_back(static_cast<double>(solution.evaluations));
    EXPECT_LT(errors.back(), 300 * tolerance);
  }
  EXPECT_LT(errors[1], errors[0] / 30);
  EXPECT_LT(errors[2], errors[1] / 30);
  EXPECT_LT(work[0], work[1]);
  EXPECT_LT(work[1], work[2]);
}

TEST_P(Ode, TimeReachesTheRate) {
  const auto rate = [](double t, const double*, double* dx) { dx[0] = 2 * t; };  // x = t^2
  const auto solution = integrate_ode(rate, torch::tensor({4.}, torch::kDouble), {2, .5, 4}, options(1e-8));
  EXPECT_NEAR(solution.states[4][0].item<double>(), 16, 1e-6);
}

TEST_P(Ode, BlowUpNamesItsTime) {
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

TEST_P(Ode, NotANumberAndEndlessWorkAreBlowUps) {
  const auto nan = [](double t, const double*, double* dx) { dx[0] = t > .5 ? std::nan("") : 1; };
  EXPECT_NE(message(nan, options()).find("blow-up at t = 0.5"), std::string::npos) << message(nan, options());
  auto few = options(1e-9);
  few.max_evaluations = 50;
  const auto wiggle = [](double t, const double*, double* dx) { dx[0] = std::cos(100 * t); };
  EXPECT_NE(message(wiggle, few).find("more than 50 evaluations"), std::string::npos);
}

TEST_P(Ode, WhatTheRateThrowsPassesThrough) {
  const auto rate = [](double, const double*, double*) { throw std::out_of_range("mine"); };
  EXPECT_THROW(integrate_ode(rate, torch::ones({1}, torch::kDouble), {}, options()), std::out_of_range);
}

}  // namespace
}  // namespace msde
