// Orders of convergence, measured on nested Brownian paths: the same path seen at several step sizes.
#include <gtest/gtest.h>

#include <cmath>

#include "msde/sde/integrate.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

// Coupled, non-linear, time-dependent in drift and dispersion. The noise is strong, so that the h^1.5 of the
// stochastic Runge-Kutta method (from f'' L^2) stands above the h^2 of its drift already at moderate steps.
Sde test_problem() {
  return {
      [](double t, const Tensor& z) {
        const auto a = z.select(-1, 0), b = z.select(-1, 1);
        return torch::stack({torch::sin(2 * a) + .5 * b + .2 * std::cos(t), torch::cos(2 * b) - .5 * a}, -1);
      },
      [](double t) {
        return torch::tensor({1.5 + .3 * std::cos(2 * t), 1.5 * std::exp(-.2 * t)}, torch::kDouble);
      }};
}

// The path of step `factor` h_fine out of a path of step h_fine. W is continuous, so with W_j the motion
// within the coarse step at the start of its j-th part:  dW = sum dW_j,  dZ = sum (dZ_j + h_fine W_j).
BrownianPath coarsened(const BrownianPath& fine, int64_t factor) {
  return [=](int64_t step, double h) -> BrownianStep {
    const double h_fine = h / static_cast<double>(factor);
    auto [W, Z] = fine(step * factor, h_fine);
    for (int64_t j = 1; j < factor; ++j) {
      const auto [dW, dZ] = fine(step * factor + j, h_fine);
      Z = Z + dZ + h_fine * W;
      W = W + dW;
    }
    return {W, Z};
  };
}

// Least-squares slope of y over x.
double slope(const std::vector<double>& x, const std::vector<double>& y) {
  double mx = 0, my = 0, xy = 0, xx = 0;
  for (size_t i = 0; i < x.size(); ++i) mx += x[i] / x.size(), my += y[i] / y.size();
  for (size_t i = 0; i < x.size(); ++i) xy += (x[i] - mx) * (y[i] - my), xx += (x[i] - mx) * (x[i] - mx);
  return xy / xx;
}

constexpr int64_t n_paths = 250, n_fine = 4096;
constexpr double t_end = 1;

// State at t_end of every path, [paths, 2], with n_fine / factor steps.
Tensor end_state(Scheme scheme, int64_t factor, const Sde& sde) {
  const auto options = torch::TensorOptions(torch::kDouble);
  const int64_t n_steps = n_fine / factor;
  static const auto all = normal({5, Stream::test, 0}, {n_fine, 2, n_paths, 2}, options);
  const BrownianPath fine = [](int64_t k, double h) -> BrownianStep {
    const auto u = all[k][0], v = all[k][1];
    return {std::sqrt(h) * u, std::pow(h, 1.5) / 2 * (u + v / std::sqrt(3.))};
  };
  const auto z0 = torch::tensor({.3, -.2}, torch::kDouble).expand({n_paths, 2});
  return integrate(scheme, sde, z0, {0, t_end / n_steps, n_steps, 1}, coarsened(fine, factor))[-1];
}

struct StrongOrder {
  Scheme scheme;
  double order;
};
struct strong_order : testing::TestWithParam<StrongOrder> {};

TEST_P(strong_order, slope_of_the_root_mean_square_error_over_the_step) {
  const auto [scheme, order] = GetParam();
  const auto sde = test_problem();
  static const auto reference = end_state(Scheme::srk, 1, test_problem());
  std::vector<double> log_h, log_error;
  for (int64_t factor : {16, 32, 64, 128}) {
    const auto error = (end_state(scheme, factor, sde) - reference).pow(2).sum(-1).mean().sqrt();
    log_h.push_back(std::log(t_end * factor / n_fine));
    log_error.push_back(std::log(error.item<double>()));
  }
  const double measured = slope(log_h, log_error);
  RecordProperty("measured_order", std::to_string(measured));
  std::cout << "strong order of " << to_string(scheme) << ": " << measured << "\n";
  EXPECT_NEAR(measured, order, .1);  // two-sided: too good is as suspicious as too bad
}
INSTANTIATE_TEST_SUITE_P(schemes, strong_order,
                         testing::Values(StrongOrder{Scheme::euler_maruyama, 1}, StrongOrder{Scheme::heun, 1},
                                         StrongOrder{Scheme::srk, 1.5}),
                         [](const auto& info) { return to_string(info.param.scheme); });

// Without noise every scheme is a Runge-Kutta method of its own order.
struct drift_order : testing::TestWithParam<StrongOrder> {};

TEST_P(drift_order, slope_of_the_error_over_the_step_without_noise) {
  const auto [scheme, order] = GetParam();
  auto sde = test_problem();
  sde.dispersion = [](double) { return torch::zeros({2}, torch::kDouble); };
  const auto z0 = torch::tensor({.3, -.2}, torch::kDouble).unsqueeze(0);
  const auto path = keyed_brownian_path(1, z0.sizes(), z0.options());
  const auto at_end = [&](Scheme s, int64_t n) {
    return integrate(s, sde, z0, {0, t_end / n, n, 1}, path)[-1];
  };
  const auto reference = at_end(Scheme::rk4, 4096);
  std::vector<double> log_h, log_error;
  for (int64_t n : {32, 64, 128, 256}) {
    log_h.push_back(std::log(t_end / n));
    log_error.push_back(std::log((at_end(scheme, n) - reference).norm().item<double>()));
  }
  const double measured = slope(log_h, log_error);
  std::cout << "drift order of " << to_string(scheme) << ": " << measured << "\n";
  EXPECT_NEAR(measured, order, .1);
}
INSTANTIATE_TEST_SUITE_P(schemes, drift_order,
                         testing::Values(StrongOrder{Scheme::rk4, 4}, StrongOrder{Scheme::euler_maruyama, 1},
                                         StrongOrder{Scheme::heun, 2}, StrongOrder{Scheme::srk, 2}),
                         [](const auto& info) { return to_string(info.param.scheme); });

// dW and dZ of a coarsened path have the covariance of a path of that step: [[h, h^2/2], [h^2/2, h^3/3]].
TEST(brownian_path, covariance_is_exact_at_every_level_of_coarsening) {
  const int64_t n = 40000;
  const double h = .5, bound = 5 * std::sqrt(2. / n);  // five standard errors of a variance
  const auto fine = keyed_brownian_path(3, {n, 1}, torch::kDouble);
  for (int64_t factor : {1, 2, 8}) {
    const auto [W, Z] = coarsened(fine, factor)(1, h);
    EXPECT_NEAR(W.pow(2).mean().item<double>() / h, 1, bound) << factor;
    EXPECT_NEAR(Z.pow(2).mean().item<double>() / (h * h * h / 3), 1, bound) << factor;
    EXPECT_NEAR((W * Z).mean().item<double>() / (h * h / 2), 1, bound) << factor;
    EXPECT_NEAR(W.mean().item<double>(), 0, 5 * std::sqrt(h / n)) << factor;
  }
}

}  // namespace
}  // namespace msde
