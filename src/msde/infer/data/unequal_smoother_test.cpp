#include "msde/infer/data/unequal_smoother.hpp"

#include <gtest/gtest.h>

#include "msde/infer/data/time_smoother.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

torch::Tensor jittered(int64_t T, uint64_t number) {
  const auto spacing = .2 + 1.6 * uniform({61, Stream::test, number}, {T}, torch::kDouble);
  return spacing.cumsum(0);
}

torch::Tensor smoothed(const torch::Tensor& a, const torch::Tensor& t, const TimeSmoothing& s,
                       int64_t at_once) {
  auto copy = a.clone();
  smooth_in_time(copy, t, s, at_once);
  return copy;
}

TEST(UnequalSmoother, AtEqualTimesIsTheUsualOne) {
  for (const auto& [degree, half] : std::vector<std::pair<int64_t, int64_t>>{{1, 2}, {3, 6}, {5, 33}}) {
    const int64_t T = 150;
    const auto y = normal({62, Stream::test, 0}, {T, 3}, torch::kDouble);
    const auto t = 5 + .1 * torch::arange(T, torch::kDouble);
    const LocalPolynomialSmoother usual(degree, half);
    EXPECT_LT((smoothed(y, t, {degree, half}, T) - usual(y)).abs().max().item<double>(), 1e-10);
    EXPECT_NEAR(smoother_trace(t, {degree, half}), usual.trace(T), 1e-9);
  }
}

TEST(UnequalSmoother, KeepsPolynomialsOfTheTimesAndIsAProjectionInEveryWindow) {
  const auto t = jittered(80, 1);
  const auto unit = (t - 40) / 40;
  for (const int64_t degree : {1, 3, 5}) {
    const TimeSmoothing s = {degree, 7};
    for (int64_t p = 0; p <= degree; ++p) {
      const auto y = unit.pow(p).unsqueeze(1);
      EXPECT_LT((smoothed(y, t, s, 80) - y).abs().max().item<double>(), 1e-10) << degree << " " << p;
    }
    const auto H = smoothed(torch::eye(80, torch::kDouble), t, s, 80);
    EXPECT_NEAR(smoother_trace(t, s), H.trace().item<double>(), 1e-10);
    EXPECT_NEAR(smoother_trace(t, s), H.square().sum().item<double>(), 1e-9);
  }
}

TEST(UnequalSmoother, IsTheFitAroundEveryPointWhateverThePieces) {
  const int64_t T = 210, half = 9, width = 2 * half + 1;
  const auto t = jittered(T, 2);
  const auto y = normal({62, Stream::test, 3}, {T, 2}, torch::kDouble);
  auto fits = torch::empty_like(y);
  for (int64_t i = 0; i < T; ++i) {
    const int64_t start = window_begin(i, T, {3, half});
    const auto x = (t.narrow(0, start, width) - t[i]) / 10;
    const auto powers = torch::pow(x.unsqueeze(1), torch::arange(4, torch::kDouble));
    fits[i].copy_(
        std::get<0>(torch::linalg_lstsq(powers, y.narrow(0, start, width), c10::nullopt, "gelsd"))[0]);
  }
  for (const int64_t at_once : {int64_t{1}, int64_t{25}, int64_t{64}, int64_t{100}, T - 1, T})
    EXPECT_LT((smoothed(y, t, {3, half}, at_once) - fits).abs().max().item<double>(), 1e-9) << at_once;
}

TEST(UnequalSmoother, ChosenByUnbiasedRiskIsNearTheBest) {
  const int64_t N = 2, T = 300, n = 8;
  const double s = .1;
  const auto t = torch::stack({jittered(T, 4), jittered(T, 5)}) / 100;
  const auto truth = torch::sin(t.unsqueeze(2) * torch::linspace(1, 9, n, torch::kDouble));
  const auto noisy = truth + s * normal({62, Stream::test, 9}, {N, T, n}, torch::kDouble);
  const auto error = [&](const TimeSmoothing& smoothing) {
    double sum = 0;
    for (int64_t i = 0; i < N; ++i)
      sum += (smoothed(noisy[i], t[i], smoothing, T) - truth[i]).square().sum().item<double>();
    return sum;
  };
  const auto chosen = choose_time_smoothing(noisy, t, s);
  double best = error({});
  for (const auto& candidate : smoothing_candidates())
    if (candidate.width() <= T) best = std::min(best, error(candidate));
  EXPECT_LT(error(chosen), 1.2 * best);
  EXPECT_LT(error(chosen), .2 * error({}));
}

}  // namespace
}  // namespace msde
