#include "msde/pde/steppers/etdrk4.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/pde/steppers/rk4.hpp"

namespace msde {
namespace {

double max_error(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

torch::Tensor advance(const Step& step, torch::Tensor state, int64_t n) {
  trajectory(step, state, 2, n, [&](int64_t, const torch::Tensor& s) { state = s; });
  return state;
}

// v' = i omega v - v^2 with v(0) = v0: v = v0 i omega e^{i omega t} / (i omega + v0 (e^{i omega t} - 1)).
const c10::complex<double> i_unit{0, 1};

SemilinearEquation bernoulli(double omega) {
  return {torch::full({1}, omega, torch::kComplexDouble) * i_unit,
          [](const torch::Tensor& v) { return -v * v; }};
}

torch::Tensor bernoulli_solution(double omega, double v0, double t) {
  const auto L = torch::full({1}, omega, torch::kComplexDouble) * i_unit;
  const auto e = torch::exp(L * t);
  return v0 * L * e / (L + v0 * (e - 1));
}

TEST(Etdrk4, ClosedFormSolvesTheTestProblem) {
  // The test problem itself: the derivative of the closed form equals L v + N(v).
  const double t = .3, h = 1e-5;
  const auto v = bernoulli_solution(7, .5, t);
  const auto slope = (bernoulli_solution(7, .5, t + h) - bernoulli_solution(7, .5, t - h)) / (2 * h);
  const auto equation = bernoulli(7);
  EXPECT_LT(max_error(slope, equation.linear * v + equation.nonlinear(v)), 1e-8);
}

TEST(Etdrk4, IsOfFourthOrder) {
  const auto v0 = torch::full({1}, .5, torch::kComplexDouble);
  std::vector<double> errors;
  for (const int64_t n : {20, 40, 80}) {
    errors.push_back(max_error(advance(etdrk4(bernoulli(7), 1. / static_cast<double>(n)), v0, n),
                               bernoulli_solution(7, .5, 1)));
  }
  EXPECT_NEAR(std::log2(errors[0] / errors[1]), 4, .25);
  EXPECT_NEAR(std::log2(errors[1] / errors[2]), 4, .15);
}

TEST(Etdrk4, IsExactForALinearEquationHoweverStiff) {
  const auto L = torch::complex(torch::tensor({0., -1e-9, -3., -1e5}, torch::kDouble),
                                torch::tensor({0., 1e-7, 40., 1e5}, torch::kDouble));
  const SemilinearEquation equation{L, [](const torch::Tensor& v) { return torch::zeros_like(v); }};
  const auto v0 = torch::ones({4}, torch::kComplexDouble);
  EXPECT_LT(max_error(advance(etdrk4(equation, .1), v0, 10), torch::exp(L)), 1e-12);
}

TEST(Etdrk4, CoefficientsStayAccurateForVanishingL) {
  // v' = 1 + 0 v: the phi-functions' removable singularity. v(1) = v0 + 1.
  const SemilinearEquation equation{torch::zeros({1}, torch::kComplexDouble),
                                    [](const torch::Tensor& v) { return torch::ones_like(v); }};
  const auto v = advance(etdrk4(equation, .25), torch::zeros({1}, torch::kComplexDouble), 4);
  EXPECT_NEAR(torch::real(v).item<double>(), 1, 1e-13);
}

TEST(Rk4, IsOfFourthOrder) {
  const auto logistic = [](const torch::Tensor& u) { return u * (1 - u); };
  const auto u0 = torch::full({1}, .1, torch::kDouble);
  const double exact = 1 / (1 + 9 * std::exp(-2.));
  std::vector<double> errors;
  for (const int64_t n : {10, 20, 40}) {
    errors.push_back(
        std::abs(advance(rk4(logistic, 2. / static_cast<double>(n)), u0, n).item<double>() - exact));
  }
  EXPECT_NEAR(std::log2(errors[0] / errors[1]), 4, .2);
  EXPECT_NEAR(std::log2(errors[1] / errors[2]), 4, .1);
}

TEST(Trajectory, StepsFollowFromTheLongestStepAllowed) {
  EXPECT_EQ(steps_per_snapshot({1, 1001}, 1e-3), 1);
  EXPECT_EQ(steps_per_snapshot({1, 1001}, 2.5e-4), 4);
  EXPECT_EQ(steps_per_snapshot({1, 11}, 1e-3), 100);
  EXPECT_EQ(steps_per_snapshot({1, 12}, 1e-3), 91);  // 90.909..
  EXPECT_EQ(steps_per_snapshot({1, 100001}, 1e-3), 1);
}

TEST(Trajectory, VisitsEverySnapshotOnce) {
  const Step plus_one = [](const torch::Tensor& s) { return s + 1; };
  std::vector<double> seen;
  trajectory(plus_one, torch::zeros({}), 4, 3, [&](int64_t i, const torch::Tensor& s) {
    EXPECT_EQ(i, static_cast<int64_t>(seen.size()));
    seen.push_back(s.item<double>());
  });
  EXPECT_EQ(seen, (std::vector<double>{0, 3, 6, 9}));
}

}  // namespace
}  // namespace msde
