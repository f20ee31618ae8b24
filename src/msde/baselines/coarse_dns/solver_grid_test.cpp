#include "msde/baselines/coarse_dns/solver_grid.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

double max_error(const Tensor& a, const Tensor& b) {
  return (a - b).abs().max().item<double>();
}

Tensor wave(int64_t n, double frequency, double phase) {
  return torch::cos(
      2 * std::numbers::pi * frequency * torch::arange(n, torch::kDouble) / static_cast<double>(n) + phase);
}

TEST(CoarseGrid, FourierKeepsWhatFitsAndRemovesTheRest) {
  for (const int64_t m : {10, 11}) {
    const auto down = fourier_matrix(50, m), up = fourier_matrix(m, 50);
    EXPECT_LT(max_error(down.mv(wave(50, 4, .3)), wave(m, 4, .3)), 1e-13);
    EXPECT_LT(max_error(up.mv(wave(m, 4, .3)), wave(50, 4, .3)), 1e-13);
    EXPECT_LT(down.mv(wave(50, 6, .3)).abs().max().item<double>(), 1e-13);  // no alias
    EXPECT_LT(max_error(down.matmul(up).mv(wave(m, 3, 1)), wave(m, 3, 1)), 1e-13);
  }
  EXPECT_LT(max_error(fourier_matrix(10, 40).slice(0, 0, c10::nullopt, 4), torch::eye(10, torch::kDouble)),
            1e-13);
}

TEST(CoarseGrid, CosinesDoNotWrapAround) {
  const auto x = [](int64_t n) { return (torch::arange(n, torch::kDouble) + .5) / static_cast<double>(n); };
  const auto u = [&](int64_t n) {
    return torch::cos(3 * std::numbers::pi * x(n)) + .5;
  };  // odd about the middle
  EXPECT_LT(max_error(cosine_matrix(40, 8).mv(u(40)), u(8)), 1e-13);
  EXPECT_LT(max_error(cosine_matrix(8, 40).mv(u(8)), u(40)), 1e-13);
}

TEST(CoarseGrid, SplineIsOfFourthOrderAndMeetsItsKnots) {
  std::vector<double> errors;
  for (const int64_t m : {20, 40}) {
    const auto fine = spline_matrix(m, 10, true).mv(wave(m, 2, .7));
    EXPECT_LT(max_error(fine.slice(0, 0, c10::nullopt, 10), wave(m, 2, .7)), 1e-14);
    errors.push_back(max_error(fine, wave(10 * m, 2, .7)));
  }
  EXPECT_NEAR(std::log2(errors[0] / errors[1]), 4, .3);
}

TEST(CoarseGrid, OpenSplineIsExactForCubicsAndZeroBeyond) {
  const auto cubic = [](const Tensor& x) { return 1 + x - .5 * x.square() + .1 * x.pow(3); };
  const auto fine = spline_matrix(6, 4, false).mv(cubic(torch::arange(6, torch::kDouble)));
  const auto exact = cubic(torch::arange(24, torch::kDouble) / 4);
  EXPECT_LT(max_error(fine.narrow(0, 0, 21), exact.narrow(0, 0, 21)), 1e-12);
  EXPECT_EQ(fine.narrow(0, 21, 3).abs().max().item<double>(), 0);
}

TEST(CoarseGrid, AxesAreTreatedOneByOne) {
  const auto u = normal({3, Stream::test, 0}, {2, 1, 6, 8}, torch::kDouble);
  const auto A = normal({3, Stream::test, 1}, {3, 6}, torch::kDouble),
             B = normal({3, Stream::test, 2}, {4, 8}, torch::kDouble);
  EXPECT_LT(max_error(along_axes(u, {A, B}), torch::einsum("tcij,ai,bj->tcab", {u, A, B})), 1e-12);
  EXPECT_TRUE(torch::equal(along_axes(u, {every_nth_matrix(6, 2), every_nth_matrix(8, 4)}),
                           u.slice(2, 0, c10::nullopt, 2).slice(3, 0, c10::nullopt, 4)));
}

}  // namespace
}  // namespace msde
