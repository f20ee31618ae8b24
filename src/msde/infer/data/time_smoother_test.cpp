#include "msde/infer/data/time_smoother.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

// H [T, T] of what it does to the unit series.
torch::Tensor matrix(const LocalPolynomialSmoother& smoother, int64_t T) {
  return smoother(torch::eye(T, torch::kDouble));
}

TEST(LocalPolynomialSmoother, keeps_polynomials_up_to_its_degree) {
  const auto t = torch::linspace(-1, 1, 30, torch::kDouble).unsqueeze(1);
  for (int64_t degree : {1, 3, 5}) {
    const LocalPolynomialSmoother smoother(degree, 6);
    for (int64_t p = 0; p <= degree; ++p)
      EXPECT_LT((smoother(t.pow(p)) - t.pow(p)).abs().max().item<double>(), 1e-10)
          << "degree " << degree << " power " << p;
    EXPECT_GT((smoother(t.pow(degree + 3)) - t.pow(degree + 3)).abs().max().item<double>(), 1e-6);
  }
}

// The plain twin: a least-squares fit for every point.
TEST(LocalPolynomialSmoother, is_the_fit_around_every_point) {
  for (const auto& [T, degree, half] : std::vector<std::array<int64_t, 3>>{
           {13, 3, 6}, {14, 5, 4}, {77, 1, 2}, {150, 3, 12}, {400, 5, 33}, {64 + 2 * 3, 3, 3}}) {
    const auto y = normal({52, Stream::test, static_cast<uint64_t>(T)}, {T, 3}, torch::kDouble);
    auto fits = torch::empty_like(y);
    for (int64_t i = 0; i < T; ++i) {
      const int64_t start = std::clamp<int64_t>(i - half, 0, T - 2 * half - 1), width = 2 * half + 1;
      const auto x = (torch::arange(start, start + width, torch::kDouble) - static_cast<double>(i)) /
                     static_cast<double>(half);
      const auto powers = torch::pow(x.unsqueeze(1), torch::arange(degree + 1, torch::kDouble));
      const auto solution =
          std::get<0>(torch::linalg_lstsq(powers, y.narrow(0, start, width), c10::nullopt, "gelsd"));
      fits[i].copy_(solution[0]);  // the polynomial at x = 0
    }
    const LocalPolynomialSmoother smoother(degree, half);
    EXPECT_LT((smoother(y) - fits).abs().max().item<double>(), 1e-9) << T << " " << degree << " " << half;
    EXPECT_LT((smoother(y.to(torch::kFloat)) - fits).abs().max().item<double>(), 1e-5);
    for (const int64_t at_once : {int64_t{1}, 2 * half + 5, T - 1, T}) {
      auto in_pieces = y.clone();
      smoother.smooth(in_pieces, at_once);
      EXPECT_LT((in_pieces - fits).abs().max().item<double>(), 1e-9) << at_once << " at once";
    }
    const auto H = matrix(smoother, T);
    EXPECT_NEAR(smoother.trace(T), H.trace().item<double>(), 1e-10);
    EXPECT_NEAR(smoother.trace(T), H.square().sum().item<double>(), 1e-10);
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
  const auto error = [&](const LocalPolynomialSmoother& smoother) {
    return (torch::matmul(matrix(smoother, T), noisy) - truth).square().mean().sqrt().item<double>();
  };
  double best = 1e9;
  for (int64_t degree : {1, 3, 5})
    for (int64_t half : {3, 4, 6, 8, 12, 16, 24, 32, 48, 64}) best = std::min(best, error({degree, half}));
  EXPECT_LT(error(choice), 1.1 * best);
  EXPECT_LT(error(choice), 0.5 * s);
  EXPECT_LT(choice.trace(T) / T, 0.25);
}

TEST(TimeSmoother, leaves_noise_free_data_alone) {
  const auto t = torch::linspace(0, 1, 40, torch::kDouble).view({1, 40, 1});
  const auto choice = choose_time_smoother(torch::sin(40 * t), 1e-6);
  EXPECT_EQ(choice.half_width(), 0);
  EXPECT_TRUE(torch::allclose(matrix(choice, 40), torch::eye(40, torch::kDouble)));
}

}  // namespace
}  // namespace msde
