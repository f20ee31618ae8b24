#include "msde/infer/time_smoother.hpp"

#include <gtest/gtest.h>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

TEST(LocalPolynomialSmoother, keeps_polynomials_up_to_its_degree) {
  const auto t = torch::linspace(-1, 1, 30, torch::kDouble);
  for (int64_t degree : {1, 3, 5}) {
    const auto H = local_polynomial_smoother(30, degree, 6);
    for (int64_t p = 0; p <= degree; ++p)
      EXPECT_LT((torch::mv(H, t.pow(p)) - t.pow(p)).abs().max().item<double>(), 1e-10)
          << "degree " << degree << " power " << p;
    EXPECT_GT((torch::mv(H, t.pow(degree + 3)) - t.pow(degree + 3)).abs().max().item<double>(), 1e-6);
  }
}

// The choice must not see the truth, yet be about as good as the best choice that does.
TEST(TimeSmoother, chosen_by_unbiased_risk_is_near_the_best) {
  const int64_t N = 3, T = 200, n = 12;
  const double s = 0.1;
  const auto t = torch::linspace(0, 1, T, torch::kDouble).unsqueeze(1);
  const auto frequency = torch::linspace(1, 12, n, torch::kDouble);
  const auto truth = torch::sin(t * frequency).expand({N, T, n});
  const auto noisy = truth + s * normal({51, Stream::test, 0}, {N, T, n}, torch::kDouble);

  const auto choice = choose_time_smoother(noisy, s);
  const auto error = [&](const torch::Tensor& H) {
    return (torch::matmul(H, noisy) - truth).square().mean().sqrt().item<double>();
  };
  double best = 1e9;
  for (int64_t degree : {1, 3, 5})
    for (int64_t half : {3, 4, 6, 8, 12, 16, 24, 32, 48, 64})
      best = std::min(best, error(local_polynomial_smoother(T, degree, half)));
  EXPECT_LT(error(choice.matrix), 1.1 * best);
  EXPECT_LT(error(choice.matrix), 0.5 * s);
  EXPECT_LT(choice.noise_left, 0.5);
}

TEST(TimeSmoother, leaves_noise_free_data_alone) {
  const auto t = torch::linspace(0, 1, 40, torch::kDouble).view({1, 40, 1});
  const auto choice = choose_time_smoother(torch::sin(40 * t), 1e-6);
  EXPECT_EQ(choice.half_width, 0);
  EXPECT_TRUE(choice.matrix.equal(torch::eye(40, torch::kDouble)));
}

}  // namespace
}  // namespace msde
