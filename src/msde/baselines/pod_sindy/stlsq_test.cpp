#include "msde/baselines/pod_sindy/stlsq.hpp"

#include <gtest/gtest.h>

namespace msde {
namespace {

NormalEquations equations(const torch::Tensor& A, const torch::Tensor& B) {
  return {A.t().matmul(A), A.t().matmul(B)};
}

TEST(Stlsq, FirstFitIsRidgeRegression) {
  // (A^T A + I) c = A^T b with A^T A = [[2, 1], [1, 2]], A^T b = [5, 4]: c = ([3, 1; 1, 3])^-1 [5, 4] =
  // [11/8, 7/8].
  const auto A = torch::tensor({{1., 0.}, {0., 1.}, {1., 1.}}, torch::kDouble);
  const auto b = torch::tensor({{2.}, {1.}, {3.}}, torch::kDouble);
  const auto c = stlsq(equations(A, b), {.threshold = 0, .ridge = 1});
  EXPECT_NEAR(c[0][0].item<double>(), 11. / 8, 1e-14);
  EXPECT_NEAR(c[1][0].item<double>(), 7. / 8, 1e-14);
}

TEST(Stlsq, RemovesSmallTermsAndFitsTheRestAgain) {
  // By hand, of orthogonal columns: the ridge fit is a_i b / (|a_i|^2 + ridge); the second is below .1 and
  // goes.
  const auto A = torch::diag(torch::tensor({2., 1., 4.}, torch::kDouble));
  const auto b = torch::tensor({{6.}, {.15}, {-2.}}, torch::kDouble);
  const auto c = stlsq(equations(A, b), {.threshold = .1, .ridge = 1});
  EXPECT_NEAR(c[0][0].item<double>(), 12. / 5, 1e-14);
  EXPECT_EQ(c[1][0].item<double>(), 0);
  EXPECT_NEAR(c[2][0].item<double>(), -8. / 17, 1e-14);
  const auto refitted = stlsq(equations(A, b), {.threshold = .1, .ridge = 1, .refit = true});
  EXPECT_NEAR(refitted[0][0].item<double>(), 3, 1e-12);
  EXPECT_EQ(refitted[1][0].item<double>(), 0);
  EXPECT_NEAR(refitted[2][0].item<double>(), -.5, 1e-12);
}

TEST(Stlsq, RemovalGoesOnUntilNothingChanges) {
  // Correlated columns, by hand: A^T A = [[1, .9], [.9, 1]], A^T b = [1.07, 1.075]; the first fit is c =
  // [.5395, .5895]. The first is below .55 and goes; the second alone is 1.075.
  const NormalEquations e = {torch::tensor({{1., .9}, {.9, 1.}}, torch::kDouble),
                             torch::tensor({{1.07}, {1.075}}, torch::kDouble)};
  const auto c = stlsq(e, {.threshold = .55, .ridge = 0});
  EXPECT_EQ(c[0][0].item<double>(), 0);
  EXPECT_NEAR(c[1][0].item<double>(), 1.075, 1e-12);
}

TEST(Stlsq, ColumnsAreFittedByThemselves) {
  const auto A = torch::eye(3, torch::kDouble);
  const auto B = torch::tensor({{1., .01}, {.01, 1.}, {.01, .01}}, torch::kDouble);
  const auto both = stlsq(equations(A, B), {.threshold = .05, .ridge = .1});
  for (int64_t k = 0; k < 2; ++k) {
    const auto one = stlsq(equations(A, B.narrow(1, k, 1)), {.threshold = .05, .ridge = .1});
    EXPECT_TRUE(torch::equal(both.narrow(1, k, 1), one));
    EXPECT_EQ(one.count_nonzero().item<int64_t>(), 1);
  }
}

TEST(Stlsq, NothingLeftIsZeroAndSingularIsLeastNorm) {
  const auto A = torch::eye(2, torch::kDouble);
  EXPECT_EQ(stlsq(equations(A, A * .01), {.threshold = .1}).count_nonzero().item<int64_t>(), 0);
  const auto twice = torch::ones({3, 2}, torch::kDouble);  // the same column twice
  const auto c =
      stlsq(equations(twice, 2 * torch::ones({3, 1}, torch::kDouble)), {.threshold = 0, .ridge = 0});
  EXPECT_NEAR(c.sum().item<double>(), 2, 1e-10);
}

}  // namespace
}  // namespace msde
