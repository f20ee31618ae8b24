#include "msde/scales/principal_modes.hpp"

#include <gtest/gtest.h>

#include "msde/core/error.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

RowBlocks in_blocks(const torch::Tensor& matrix, int64_t rows) {
  return [=](const auto& visit) {
    for (int64_t i = 0; i < matrix.size(0); i += rows) visit(matrix.slice(0, i, i + rows));
  };
}

torch::Tensor random_matrix(int64_t rows, int64_t columns, uint64_t step) {
  return normal({1, Stream::test, step}, {rows, columns}, torch::kDouble);
}

// U diag(values) V^T with random orthonormal U, V.
torch::Tensor with_spectrum(int64_t rows, int64_t columns, const torch::Tensor& values) {
  const auto U = std::get<0>(torch::linalg_qr(random_matrix(rows, values.size(0), 0)));
  const auto V = std::get<0>(torch::linalg_qr(random_matrix(columns, values.size(0), 1)));
  return (U * values).matmul(V.t());
}

double max_error(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST(PrincipalModes, AreThoseOfTheFullDecomposition) {
  const auto A = with_spectrum(200, 40, torch::pow(.7, torch::arange(40, torch::kDouble)));
  const auto found = principal_modes(in_blocks(A, 32), 40, 10, 0);
  const auto [U, S, Vh] = torch::linalg_svd(A, false);
  EXPECT_LT(max_error(found.singular_values, S.narrow(0, 0, 10)), 1e-6);
  // A mode's sign is free.
  const auto overlap = Vh.narrow(0, 0, 10).matmul(found.modes);
  EXPECT_LT(max_error(overlap.abs(), torch::eye(10, torch::kDouble)), 1e-4);
  EXPECT_LT(max_error(found.modes.t().matmul(found.modes), torch::eye(10, torch::kDouble)), 1e-12);
  EXPECT_NEAR(found.total_energy, A.square().sum().item<double>(), 1e-12);
  EXPECT_EQ(found.n_rows, 200);
}

TEST(PrincipalModes, OfAFlatSpectrumLoseLittleEnergy) {
  // White noise on ten directions, the plateau of every measured field.
  const auto A =
      with_spectrum(300, 120, torch::linspace(20, 10, 10, torch::kDouble)) + .01 * random_matrix(300, 120, 2);
  const auto found = principal_modes(in_blocks(A, 50), 120, 20, 0);
  const auto S = std::get<1>(torch::linalg_svd(A, false)).narrow(0, 0, 20);
  EXPECT_LT(max_error(found.singular_values.narrow(0, 0, 10), S.narrow(0, 0, 10)), 1e-8);
  EXPECT_LT(max_error(found.singular_values / S, torch::ones({20}, torch::kDouble)), .1);
}

TEST(PrincipalModes, ApartFromASubspaceAreThoseOfTheProjectedMatrix) {
  const auto Q = std::get<0>(torch::linalg_qr(random_matrix(60, 8, 3)));
  auto A = with_spectrum(150, 60, torch::pow(.6, torch::arange(30, torch::kDouble)));
  A = A + 100 * random_matrix(150, 8, 4).matmul(Q.t());  // mostly inside the subspace
  const auto rest = A - A.matmul(Q).matmul(Q.t());
  const auto S = std::get<1>(torch::linalg_svd(rest, false));
  const auto found = principal_modes(in_blocks(A, 32), 60, 6, 0, {Q});
  EXPECT_LT(max_error(found.singular_values, S.narrow(0, 0, 6)), 1e-6);
  EXPECT_LT(max_error(found.modes, principal_modes(in_blocks(rest, 32), 60, 6, 0).modes), 1e-6);
  EXPECT_LT(Q.t().matmul(found.modes).abs().max().item<double>(), 1e-10);
  // In float32, as files have them, to their rounding; all that is left where more is asked for.
  const auto single = principal_modes(in_blocks(A.to(torch::kFloat), 32), 60, 100, 0, {Q});
  EXPECT_EQ(single.modes.size(1), 52);
  EXPECT_LT(max_error(single.singular_values.narrow(0, 0, 6), S.narrow(0, 0, 6)), 1e-4);
  EXPECT_LT(max_error(single.modes.t().matmul(single.modes), torch::eye(52, torch::kDouble)), 1e-9);
  EXPECT_LT(Q.t().matmul(single.modes).abs().max().item<double>(), 1e-9);
  // Nothing is left of rows inside the subspace, and nowhere to look beside a whole basis.
  const auto inside = principal_modes(in_blocks(random_matrix(40, 8, 5).matmul(Q.t()), 16), 60, 10, 0, {Q});
  EXPECT_LT(inside.singular_values.max().item<double>(), 1e-6);
  EXPECT_LT(Q.t().matmul(inside.modes).abs().max().item<double>(), 1e-9);
  EXPECT_EQ(principal_modes(in_blocks(A, 32), 60, 10, 0, {torch::eye(60, torch::kDouble)}).modes.size(1), 0);
}

TEST(PrincipalModes, OfALowRankMatrixAreExact) {
  const auto A = with_spectrum(100, 60, torch::tensor({5., 2., 1e-3}, torch::kDouble));
  const auto found = principal_modes(in_blocks(A, 7), 60, 5, 3);
  EXPECT_LT(max_error(found.singular_values, torch::tensor({5., 2., 1e-3, 0., 0.}, torch::kDouble)), 2e-6);
  const auto V = found.modes.narrow(1, 0, 3);
  EXPECT_LT(max_error(A.matmul(V).matmul(V.t()), A), 1e-9);
  EXPECT_LT(max_error(found.modes.t().matmul(found.modes), torch::eye(5, torch::kDouble)), 1e-12);
}

TEST(PrincipalModes, DoNotDependOnTheBlocks) {
  const auto A = with_spectrum(100, 30, torch::pow(.5, torch::arange(30, torch::kDouble))).to(torch::kFloat);
  const auto whole = principal_modes(in_blocks(A, 100), 30, 8, 0),
             rows = principal_modes(in_blocks(A, 3), 30, 8, 0);
  EXPECT_LT(max_error(whole.singular_values, rows.singular_values), 1e-10);
  EXPECT_LT(max_error(whole.modes, rows.modes), 1e-8);
}

TEST(PrincipalModes, AreDeterministic) {
  const auto A = random_matrix(50, 30, 0);
  const auto a = principal_modes(in_blocks(A, 8), 30, 5, 0), b = principal_modes(in_blocks(A, 8), 30, 5, 0);
  EXPECT_TRUE(torch::equal(a.modes, b.modes));
  EXPECT_TRUE(torch::equal(a.singular_values, b.singular_values));
  const auto c = principal_modes(in_blocks(A, 8), 30, 5, 1);
  EXPECT_FALSE(torch::equal(a.modes, c.modes));
}

TEST(PrincipalModes, RankIsCutToTheColumns) {
  const auto A = random_matrix(20, 6, 0);
  const auto found = principal_modes(in_blocks(A, 20), 6, 100, 0);
  EXPECT_EQ(found.modes.sizes(), (std::vector<int64_t>{6, 6}));
  EXPECT_LT(max_error(found.singular_values, std::get<1>(torch::linalg_svd(A, false))), 1e-10);
}

TEST(PrincipalModes, OfFewRowsAreStillOrthonormal) {
  const auto A = random_matrix(3, 20, 0);
  const auto found = principal_modes(in_blocks(A, 1), 20, 6, 0);
  EXPECT_LT(max_error(found.modes.t().matmul(found.modes), torch::eye(6, torch::kDouble)), 1e-12);
  EXPECT_LT(max_error(found.singular_values.narrow(0, 0, 3), std::get<1>(torch::linalg_svd(A, false))), 1e-8);
  EXPECT_LT(found.singular_values[3].item<double>(), 1e-5);
}

TEST(PrincipalModes, OfZeroAndOfNothing) {
  const auto zero = principal_modes(in_blocks(torch::zeros({9, 5}), 4), 5, 2, 0);
  EXPECT_EQ(zero.singular_values.abs().max().item<double>(), 0);
  EXPECT_TRUE(zero.modes.isfinite().all().item<bool>());
  EXPECT_THROW(principal_modes(in_blocks(torch::zeros({0, 5}), 4), 5, 2, 0), DataError);
}

}  // namespace
}  // namespace msde
