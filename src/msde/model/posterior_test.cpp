#include "msde/model/posterior.hpp"

#include <gtest/gtest.h>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

// The operation with its gradient by hand against the plain twin with automatic differentiation.
TEST(PosteriorOperators, of_an_unwarped_kernel_agree_with_the_plain_twin) {
  constexpr int64_t W = 9;
  constexpr double dt = 0.07;
  PosteriorKernel posterior(/*learned_warp=*/false);
  posterior->to(torch::kDouble);
  const auto weights = normal({61, Stream::test, 1}, {2, W, W}, torch::kDouble);
  const auto value_and_gradients = [&](const GpOperators& g) {
    auto all = torch::autograd::grad({(weights[0] * g.value).sum() + (weights[1] * g.derivative).sum()},
                                     posterior->parameters());
    all.insert(all.end(), {g.value.detach(), g.derivative.detach()});
    return all;
  };
  const auto t = torch::arange(W, torch::kDouble) * dt;
  const auto got = value_and_gradients(posterior->operators(W, dt));
  const auto expected = value_and_gradients(about_window_mean(gp_operators(posterior->kernel(W), t, t)));
  ASSERT_EQ(got.size(), 5u);
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].sizes(), expected[i].sizes());
    EXPECT_LT((got[i] - expected[i]).abs().max().item<double>(),
              1e-10 * expected[i].abs().max().item<double>())
        << i;
  }
}

// Weights gone astray: no error of the linear algebra, which no one could tell from a bug.
TEST(PosteriorOperators, without_a_cholesky_factor_are_not_numbers) {
  constexpr int64_t W = 9;
  PosteriorKernel posterior(/*learned_warp=*/false);
  auto kernel = posterior->kernel(W);
  kernel.noise_var = -kernel.amplitude;
  const auto t = torch::arange(W, torch::kFloat);
  EXPECT_TRUE(gp_operators(kernel, t, t).value.isnan().all().item<bool>());
}

}  // namespace
}  // namespace msde
