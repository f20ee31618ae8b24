#include "msde/sde/unequal_steps.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/sde/integrate.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

// Frames [2, K]: jittered, and with spacings that grow by a constant factor; both from 0 to 3.
Tensor frames(int64_t K) {
  const auto even = torch::linspace(0, 3, K, torch::kDouble);
  auto jitter =
      .4 * (3. / static_cast<double>(K - 1)) * (2 * uniform({3, Stream::test, 0}, {K}, torch::kDouble) - 1);
  jitter[0] = jitter[K - 1] = 0;
  const auto growing = torch::pow(1.5, torch::linspace(0, 8, K, torch::kDouble)) - 1;
  return torch::stack({even + jitter, 3 * growing / growing[K - 1]});
}

// z'' = -z as two states: the scale of each trajectory's steps is its own.
SdeOfStep oscillator(const UnequalSteps& steps, double noise = 0) {
  return [lengths = steps.lengths(), noise](int64_t k) {
    const auto h = lengths.narrow(1, k, 1);
    return Sde{[h](double, const Tensor& z) {
                 return h * torch::stack({z.select(-1, 1), -z.select(-1, 0)}, -1);
               },
               [h, noise](double) {
                 return noise * h.sqrt().expand({-1, 2});
               }};
  };
}

TEST(UnequalSteps, LieBetweenFramesAsManyAsTheLongestNeeds) {
  const auto t = torch::tensor({{0., 1., 1.5}, {0., .4, 2.4}}, torch::kDouble);
  const auto steps = unequal_steps(t, [](double longest) { return std::llround(std::ceil(longest / .5)); });
  EXPECT_EQ(steps.frame_ends, (std::vector<int64_t>{0, 2, 6}));
  EXPECT_TRUE(steps.times[0].allclose(torch::tensor({0., .5, 1., 1.125, 1.25, 1.375, 1.5}, torch::kDouble)));
  EXPECT_TRUE(steps.times[1].allclose(torch::tensor({0., .2, .4, .9, 1.4, 1.9, 2.4}, torch::kDouble)));
  EXPECT_TRUE(steps.at(.5).select(1, 5).allclose(torch::tensor({1.4375, 2.15}, torch::kDouble)));
}

TEST(UnequalSteps, OscillatorsAreRightAtTheFramesAndErrorsFallWithTheFourthPower) {
  for (const int64_t K : {12, 40}) {
    const auto t = frames(K);
    double before = 0;
    for (const int64_t n : {4, 8, 16}) {
      const auto steps = unequal_steps(t, [n](double) { return n; });
      const auto z0 = torch::tensor({{1., 0.}, {1., 0.}}, torch::kDouble);
      const auto z = integrate(Scheme::rk4, oscillator(steps), z0, steps, {});  // [K, 2, 2]
      const auto exact = torch::stack({t.t().cos(), -t.t().sin()}, -1);
      const double error = (z - exact).norm().item<double>();
      EXPECT_LT(error, 1e-3);
      if (before > 0) EXPECT_NEAR(before / error, 16, 2);
      before = error;
    }
  }
}

TEST(UnequalSteps, OfOneLengthAreTheEqualOnes) {
  const auto t = (.1 * torch::arange(6, torch::kDouble)).expand({2, 6});
  const auto steps = unequal_steps(t, [](double) { return 3; });
  const auto z0 = normal({5, Stream::test, 0}, {4, 2, 2}, torch::kDouble);
  const Sde plain = {[](double, const Tensor& z) {
                       return torch::stack({z.select(-1, 1), -z.select(-1, 0)}, -1);
                     },
                     [](double) {
                       return torch::full({2, 2}, .7, torch::kDouble);
                     }};
  for (const Scheme scheme : {Scheme::rk4, Scheme::euler_maruyama, Scheme::heun, Scheme::srk}) {
    const auto noise = keyed_brownian_path(4, z0.sizes(), z0.options());
    const auto expected = integrate(scheme, plain, z0, {0, .1, 5, 3}, noise);
    EXPECT_LT(
        (integrate(scheme, oscillator(steps, .7), z0, steps, noise) - expected).abs().max().item<double>(),
        1e-12)
        << to_string(scheme);
  }
}

// Without a drift the state is Brownian motion: its variance is the time that has passed, in steps of any length.
TEST(UnequalSteps, NoiseGrowsWithTheTimeOfEachTrajectory) {
  const auto t = frames(9);
  const auto steps = unequal_steps(t, [](double longest) { return longest > .3 ? 2 : 1; });
  const SdeOfStep still = [lengths = steps.lengths()](int64_t k) {
    const auto h = lengths.narrow(1, k, 1);
    return Sde{[](double, const Tensor& z) { return torch::zeros_like(z); },
               [h](double) {
                 return h.sqrt().expand({-1, 2});
               }};
  };
  const auto z0 = torch::zeros({20000, 2, 2}, torch::kDouble);
  for (const Scheme scheme : {Scheme::euler_maruyama, Scheme::srk}) {
    const auto z = integrate(scheme, still, z0, steps, keyed_brownian_path(8, z0.sizes(), z0.options()));
    const auto variance = z.square().mean(1).mean(-1);  // [K, 2]
    EXPECT_LT(((variance - t.t()).abs() / (t.t() + .01)).max().item<double>(), .05) << to_string(scheme);
  }
}

}  // namespace
}  // namespace msde
