#include "msde/sde/integrate.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/error.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

const auto f64 = torch::TensorOptions(torch::kDouble);

TEST(scheme, names_go_there_and_back) {
  for (auto scheme : {Scheme::rk4, Scheme::euler_maruyama, Scheme::heun, Scheme::srk})
    EXPECT_EQ(parse_scheme(to_string(scheme)), scheme);
  EXPECT_THROW(parse_scheme("milstein"), ConfigError);
}

struct every_scheme : testing::TestWithParam<Scheme> {};
INSTANTIATE_TEST_SUITE_P(schemes, every_scheme,
                         testing::Values(Scheme::rk4, Scheme::euler_maruyama, Scheme::heun, Scheme::srk),
                         [](const auto& info) { return to_string(info.param); });

TEST_P(every_scheme, declares_the_drift_evaluations_that_it_makes) {
  int64_t calls = 0;
  const Sde sde{[&](double, const Tensor& z) { return ++calls, -z; },
                [](double) { return torch::ones({3}, f64); }};
  const auto z0 = torch::zeros({2, 3}, f64);
  integrate(GetParam(), sde, z0, {0, .1, 5, 2}, keyed_brownian_path(0, z0.sizes(), f64));
  EXPECT_EQ(calls, 10 * drift_evaluations_per_step(GetParam()));
}

TEST_P(every_scheme, returns_the_states_of_the_output_times_and_substeps_share_one_path) {
  const Sde sde{[](double t, const Tensor& z) { return -z + t; },
                [](double t) { return torch::full({3}, .1 + t, f64); }};
  const auto z0 = normal({1, Stream::test, 0}, {4, 3}, f64);
  const auto path = keyed_brownian_path(0, z0.sizes(), f64);
  const auto every = integrate(GetParam(), sde, z0, {.5, .1, 12, 1}, path);
  const auto third = integrate(GetParam(), sde, z0, {.5, .3, 4, 3}, path);
  ASSERT_EQ(every.sizes(), (torch::IntArrayRef{13, 4, 3}));
  ASSERT_EQ(third.sizes(), (torch::IntArrayRef{5, 4, 3}));
  EXPECT_TRUE(torch::equal(every[0], z0));
  EXPECT_TRUE(torch::allclose(third, every.slice(0, 0, 13, 3), 1e-13, 1e-13));
}

// d(end state)/d(drift parameter) against central differences: training differentiates roll-outs.
TEST_P(every_scheme, gradient_flows_through_the_whole_run) {
  const auto z0 = normal({2, Stream::test, 0}, {4, 2}, f64);
  const auto path = keyed_brownian_path(0, z0.sizes(), f64);
  const auto loss = [&](const Tensor& a, const Tensor& log_L, const Tensor& start) {
    const Sde sde{[&](double t, const Tensor& z) { return torch::tanh(a * z) + std::cos(t); },
                  [&](double) { return log_L.exp(); }};
    return integrate(GetParam(), sde, start, {0, .1, 6, 2}, path).pow(2).sum();
  };
  const auto a = torch::tensor({-1.2, .7}, f64).requires_grad_();
  const auto log_L = torch::tensor({-.5, .1}, f64).requires_grad_();
  const auto start = z0.clone().requires_grad_();
  loss(a, log_L, start).backward();
  torch::NoGradGuard guard;
  const double d = 1e-5;
  for (int64_t i = 0; i < 2; ++i) {
    auto e = torch::zeros({2}, f64);
    e[i] = d;
    const double da = (loss(a + e, log_L, start) - loss(a - e, log_L, start)).item<double>() / (2 * d);
    EXPECT_NEAR(a.grad()[i].item<double>(), da, 1e-6 * std::max(1., std::abs(da)));
    const double dz = (loss(a, log_L, start + e) - loss(a, log_L, start - e)).item<double>() / (2 * d);
    EXPECT_NEAR(start.grad().sum(0)[i].item<double>(), dz, 1e-6 * std::max(1., std::abs(dz)));
    if (GetParam() == Scheme::rk4) continue;  // ignores the noise
    const double dL = (loss(a, log_L + e, start) - loss(a, log_L - e, start)).item<double>() / (2 * d);
    EXPECT_NEAR(log_L.grad()[i].item<double>(), dL, 1e-6 * std::max(1., std::abs(dL)));
  }
}

TEST_P(every_scheme, float32_states_stay_float32) {
  const Sde sde{[](double, const Tensor& z) { return -z; }, [](double) { return torch::ones({3}); }};
  const auto z0 = torch::ones({2, 3});
  const auto z =
      integrate(GetParam(), sde, z0, {0, .1, 3, 1}, keyed_brownian_path(0, z0.sizes(), z0.options()));
  EXPECT_EQ(z.scalar_type(), torch::kFloat);
}

// dz = -theta (z - c) dt + s dW has mean c + (z0 - c) e^{-theta t} and variance s^2 (1 - e^{-2 theta t})/(2
// theta). Each scheme's own mean and variance follow from its amplification factor, so the sample (five
// standard errors) is checked against the exact law with a step small enough that the bias is below the
// sampling error.
TEST_P(every_scheme, ornstein_uhlenbeck_mean_and_variance) {
  const double theta = 1.5, c = .4, s = .8, t = 1, start = 2;
  const int64_t M = 40000, n = 400;
  const Sde sde{[&](double, const Tensor& z) { return -theta * (z - c); },
                [&](double) { return torch::full({1}, s, f64); }};
  const auto z0 = torch::full({M, 1}, start, f64);
  const auto z =
      integrate(GetParam(), sde, z0, {0, t / n, n, 1}, keyed_brownian_path(9, z0.sizes(), f64))[-1];
  const double mean = c + (start - c) * std::exp(-theta * t);
  const double variance = s * s * (1 - std::exp(-2 * theta * t)) / (2 * theta);
  if (GetParam() == Scheme::rk4) {
    EXPECT_NEAR(z.mean().item<double>(), mean, 1e-10);
    EXPECT_LT(z.var().item<double>(), 1e-20);
    return;
  }
  const double bias = GetParam() == Scheme::euler_maruyama ? theta * theta * t * t / n : 0;
  EXPECT_NEAR(z.mean().item<double>(), mean, 5 * std::sqrt(variance / M) + bias);
  EXPECT_NEAR(z.var().item<double>(), variance, 5 * variance * std::sqrt(2. / M) + bias);
}

// z' = 2 t, dispersion 1 + t without feedback: the mean is t^2 and the variance int (1 + t)^2 = ((1+t)^3 -
// 1)/3.
TEST_P(every_scheme, time_dependent_drift_and_dispersion) {
  const int64_t M = 40000, n = 100;
  const Sde sde{[](double t, const Tensor& z) { return torch::full_like(z, 2 * t); },
                [](double t) { return torch::full({1}, 1 + t, f64); }};
  const auto z0 = torch::zeros({M, 1}, f64);
  const auto z =
      integrate(GetParam(), sde, z0, {0, 1. / n, n, 1}, keyed_brownian_path(4, z0.sizes(), f64))[-1];
  const bool noisy = GetParam() != Scheme::rk4, euler = GetParam() == Scheme::euler_maruyama;
  const double variance = noisy ? 7. / 3 : 0;
  // Euler-Maruyama reads drift and dispersion at the left end: mean t^2 - h, variance off by 3/2 h.
  EXPECT_NEAR(z.mean().item<double>(), euler ? 1 - 1. / n : 1, 5 * std::sqrt(variance / M) + 1e-12);
  EXPECT_NEAR(z.var().item<double>(), variance - (euler ? 1.5 / n : 0),
              5 * variance * std::sqrt(2. / M) + 1e-4);
}

TEST(brownian_path, a_member_has_the_same_numbers_whatever_the_number_of_members) {
  const auto few = keyed_brownian_path(3, {2, 4, 5}, f64), many = keyed_brownian_path(3, {7, 4, 5}, f64);
  for (int64_t step : {0, 1, 17}) {
    const auto a = few(step, .1), b = many(step, .1);
    EXPECT_TRUE(torch::equal(a.dW, b.dW.slice(0, 0, 2)));
    EXPECT_TRUE(torch::equal(a.dZ, b.dZ.slice(0, 0, 2)));
    EXPECT_FALSE(torch::equal(b.dW[0], b.dW[1]));
  }
  EXPECT_FALSE(torch::equal(few(0, .1).dW, few(1, .1).dW));
  EXPECT_FALSE(torch::equal(few(0, .1).dW, keyed_brownian_path(4, {2, 4, 5}, f64)(0, .1).dW));
}

TEST(integrate, ensemble_members_do_not_depend_on_their_number) {
  const Sde sde{[](double, const Tensor& z) { return torch::sin(z); },
                [](double) { return torch::ones({2}, f64); }};
  const auto run = [&](int64_t M) {
    const auto z0 = torch::zeros({M, 3, 2}, f64);
    return integrate(Scheme::heun, sde, z0, {0, .1, 5, 1}, keyed_brownian_path(1, z0.sizes(), f64));
  };
  EXPECT_TRUE(torch::equal(run(2), run(5).slice(1, 0, 2)));
}

TEST(integrate, bad_grids_and_missing_noise_are_refused) {
  const Sde sde{[](double, const Tensor& z) { return -z; }, [](double) { return torch::ones({2}, f64); }};
  const auto z0 = torch::zeros({1, 2}, f64);
  const auto path = keyed_brownian_path(0, z0.sizes(), f64);
  EXPECT_THROW(integrate(Scheme::heun, sde, z0, {0, .1, 5, 0}, path), ConfigError);
  EXPECT_THROW(integrate(Scheme::heun, sde, z0, {0, 0, 5, 1}, path), ConfigError);
  EXPECT_THROW(integrate(Scheme::heun, sde, z0, {0, .1, -1, 1}, path), ConfigError);
  EXPECT_THROW(integrate(Scheme::heun, sde, z0, {0, .1, 5, 1}, {}), ConfigError);
  EXPECT_NO_THROW(integrate(Scheme::rk4, sde, z0, {0, .1, 5, 1}, {}));
  EXPECT_EQ(integrate(Scheme::rk4, sde, z0, {0, .1, 0, 1}, {}).size(0), 1);
}

}  // namespace
}  // namespace msde
