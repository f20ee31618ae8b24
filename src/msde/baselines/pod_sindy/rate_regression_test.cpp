#include "msde/baselines/pod_sindy/rate_regression.hpp"

#include <gtest/gtest.h>

#include "msde/baselines/ode.hpp"
#include "msde/baselines/pod_sindy/polynomial_model.hpp"
#include "msde/core/error.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

// Lorenz 1963: x' = 10 (y - x), y' = 28 x - y - x z, z' = x y - 8/3 z.
void lorenz(double, const double* x, double* dx) {
  dx[0] = 10 * (x[1] - x[0]), dx[1] = 28 * x[0] - x[1] - x[0] * x[2], dx[2] = x[0] * x[1] - 8. / 3 * x[2];
}

std::vector<Tensor> lorenz_series(double dt, int64_t n_steps) {
  std::vector<Tensor> series;
  for (const double x : {-8., 3.}) {
    const OdeOptions exact = {.relative_tolerance = 1e-11, .absolute_tolerance = 1e-11};
    series.push_back(
        integrate_ode(lorenz, torch::tensor({x, 7., 27.}, torch::kDouble), {0, dt, n_steps}, exact).states);
  }
  return series;
}

const Polynomials library = {3, 2, true};  // 1 x y z xx xy yy xz yz zz

Tensor lorenz_coefficients() {
  auto C = torch::zeros({10, 3}, torch::kDouble);
  C[1][0] = -10, C[2][0] = 10;
  C[1][1] = 28, C[2][1] = -1, C[7][1] = -1;
  C[5][2] = 1, C[3][2] = -8. / 3;
  return C;
}

double error(const NormalEquations& e, double threshold) {
  const auto C = stlsq(e, {.threshold = threshold, .ridge = 1e-10});
  return (C - lorenz_coefficients()).abs().max().item<double>();
}

TEST(RateRegression, WeakFormFindsLorenz) {
  const auto C =
      stlsq(weak_regression(lorenz_series(.002, 4000), .002, library, 15), {.threshold = .1, .ridge = 1e-12});
  EXPECT_LT((C - lorenz_coefficients()).abs().max().item<double>(), 1e-4);
  EXPECT_EQ(C.count_nonzero().item<int64_t>(), 7);
}

TEST(RateRegression, ForwardDifferencesFindLorenzToFirstOrder) {
  const double coarse = error(forward_difference_regression(lorenz_series(.0004, 20000), .0004, library), 0);
  const double fine = error(forward_difference_regression(lorenz_series(.0002, 40000), .0002, library), 0);
  EXPECT_LT(fine, .2);
  EXPECT_NEAR(coarse / fine, 2, .2);
}

TEST(RateRegression, WeakFormStandsNoise) {
  auto series = lorenz_series(.002, 8000);
  for (size_t i = 0; i < series.size(); ++i)
    series[i] = series[i] + .05 * normal({5, Stream::test, i}, series[i].sizes(), torch::kDouble);
  const double weak = error(weak_regression(series, .002, library, 20), .1);
  const double forward = error(forward_difference_regression(series, .002, library), .1);
  EXPECT_LT(weak, .5);
  EXPECT_LT(weak, forward / 3);
}

TEST(RateRegression, ShortSeriesGetANarrowWindow) {
  const auto line = torch::arange(3, torch::kDouble).unsqueeze(1);  // a' = 1 / dt
  const auto C = stlsq(weak_regression({line}, .5, {1, 1, true}, 20), {.threshold = 0, .ridge = 1e-12});
  EXPECT_NEAR((C[0][0] + C[1][0]).item<double>(), 2, 1e-6);  // at a = 1, the one window's mean
}

TEST(PolynomialModel, FollowsTheSystemThatItWasFittedTo) {
  PolynomialModel model;
  model.modes = torch::eye(3, torch::kDouble);
  model.library = library;
  model.coefficients = lorenz_coefficients();
  model.ode = {.relative_tolerance = 1e-10, .absolute_tolerance = 1e-10, .bound = 1e3};
  const auto series = lorenz_series(.01, 100)[0];
  EXPECT_LT((integrate(model, series[0], {0, .01, 100}).states - series).abs().max().item<double>(), 1e-5);
  model.coefficients = -model.coefficients;  // backwards in time Lorenz runs away
  try {
    integrate(model, series[0] * 2, {0, .01, 500});
    ADD_FAILURE() << "no blow-up";
  } catch (const NumericsError& error) {
    EXPECT_EQ(std::string(error.what()).rfind("blow-up at t = ", 0), 0u) << error.what();
  }
}

}  // namespace
}  // namespace msde
