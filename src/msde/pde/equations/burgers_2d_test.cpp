#include "msde/pde/equations/burgers_2d.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace msde {
namespace {

double max_error(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

// Functions of s = x + y obey U_t = 2 nu U_ss - 2 U U_s, whose fronts a - c tanh(c (s - s0 - 2 a t) / (2 nu))
// are exact.
torch::Tensor front(const Burgers2d& burgers, double a, double c, double t) {
  const auto x = torch::linspace(0, burgers.length, burgers.n, torch::kDouble);
  const auto s = x.unsqueeze(1) + x;
  return a - c * torch::tanh(c * (s - 1 - 2 * a * t) / (2 * burgers.viscosity));
}

TEST(Burgers2d, StandingFrontIsSteadyToSecondOrder) {
  std::vector<double> errors;
  for (const int64_t n : {33, 65, 129}) {
    const Burgers2d burgers{.n = n, .viscosity = .1};
    errors.push_back(time_derivative(burgers, front(burgers, 0, 1, 0)).abs().max().item<double>());
  }
  EXPECT_NEAR(std::log2(errors[0] / errors[1]), 2, .2);
  EXPECT_NEAR(std::log2(errors[1] / errors[2]), 2, .1);
}

TEST(Burgers2d, MovingFrontMeetsTheExactSolutionToSecondOrder) {
  std::vector<double> errors;
  for (const int64_t n : {33, 65, 129}) {
    const Burgers2d burgers{.n = n, .viscosity = .02};
    const auto end = solve_burgers_2d(burgers, front(burgers, .5, .3, 0), {.1, 2}, 2e-4)[1];
    // The frozen boundary is wrong for a front that crosses it: what it spoils has not come to the middle
    // yet.
    const int64_t q = n / 3;
    const auto middle = [&](const torch::Tensor& u) { return u.narrow(0, q, q).narrow(1, q, q); };
    errors.push_back(max_error(middle(end), middle(front(burgers, .5, .3, .1))));
  }
  EXPECT_LT(errors[2], 2e-4);
  EXPECT_NEAR(std::log2(errors[0] / errors[1]), 2, .25);
  EXPECT_NEAR(std::log2(errors[1] / errors[2]), 2, .25);
}

TEST(Burgers2d, HeunIsOfSecondOrder) {
  const Burgers2d burgers{.n = 33};
  const auto initial = burgers_initial(burgers, 1, .04);
  const auto at_end = [&](double step) { return solve_burgers_2d(burgers, initial, {.2, 2}, step)[1]; };
  const auto exact = at_end(2e-4);
  EXPECT_NEAR(std::log2(max_error(at_end(.02), exact) / max_error(at_end(.01), exact)), 2, .15);
}

TEST(Burgers2d, BoundaryStaysAndTheHumpMoves) {
  const Burgers2d burgers;
  const auto u = solve_burgers_2d(burgers, burgers_initial(burgers, 1, .04), {1, 11});
  for (const int axis : {1, 2})
    for (const int64_t end : {int64_t{0}, burgers.n - 1})
      EXPECT_EQ(max_error(u.select(axis, end), u.select(axis, end)[0].expand({11, -1})), 0);
  EXPECT_LT(max_error(u, u.transpose(1, 2)), 1e-12);  // x and y are alike
  const auto peak = u[10].argmax().item<int64_t>();
  EXPECT_GT(peak / burgers.n, 64);  // from .3 to beyond the middle
}

TEST(CoarseBurgers, PublishedRateIsTheBenchmarksScheme) {
  const CoarseGrid grid{1, {8, 8}, {128. / 127, 128. / 127}};
  const auto u = torch::rand({1, 8, 8}, torch::kDouble);
  EXPECT_TRUE(torch::equal(coarse_burgers_rate(grid, u), time_derivative(Burgers2d{.n = 8}, u)));
}

TEST(CoarseBurgers, FiniteVolumesConvergeToTheBenchmark) {
  const Burgers2d burgers;
  const auto fine = solve_burgers_2d(burgers, burgers_initial(burgers, 1, .04), {.5, 2});
  const double length = 128 * burgers.h();
  std::vector<double> errors;
  for (const int64_t m : {16, 32, 64}) {
    const auto averages = [&](const torch::Tensor& u) {
      return torch::avg_pool2d(u.view({1, 1, 128, 128}), 128 / m).view({1, m, m});
    };
    int64_t evaluations = 0;
    const auto step = coarse_burgers_step({1, {m, m}, {length, length}}, .05);
    auto u = averages(fine[0]);
    for (int i = 0; i < 10; ++i) u = step(u, evaluations);
    EXPECT_GE(evaluations, 20);
    // Away from the inflow, which the benchmark freezes and finite volumes continue from inside.
    const auto middle = (u - averages(fine[1]))[0].slice(0, m / 4).slice(1, m / 4);
    errors.push_back(middle.square().mean().sqrt().item<double>());
  }
  EXPECT_LT(errors[2], .004);
  EXPECT_LT(errors[1], errors[0] / 2.5);
  EXPECT_LT(errors[2], errors[1] / 2.5);
}

}  // namespace
}  // namespace msde
