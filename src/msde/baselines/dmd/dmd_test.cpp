#include "msde/baselines/dmd/dmd.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/error.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

Tensor gaussian(at::IntArrayRef shape, uint64_t step) {
  return normal({77, Stream::test, step}, shape, torch::kDouble);
}

// Rotation by `angle` times `radius`: eigenvalues radius e^{+- i angle}.
Tensor rotation(double radius, double angle) {
  return radius * torch::tensor({{std::cos(angle), std::sin(angle)}, {-std::sin(angle), std::cos(angle)}},
                                torch::kDouble);
}

// Two decaying or growing rotations in 4 coordinates.
Tensor known_map(double first_radius = .99) {
  return torch::block_diag({rotation(first_radius, .3), rotation(.95, 1.1)});
}

Tensor sorted_eigenvalues(const Tensor& map) {  // by angle, [r, 2]
  const auto values = torch::linalg_eigvals(map);
  const auto order = torch::angle(values).argsort();
  return torch::view_as_real(values.index_select(0, order));
}

double eigenvalue_error(const Tensor& map, const Tensor& exact) {
  return (sorted_eigenvalues(map) - sorted_eigenvalues(exact)).abs().max().item<double>();
}

TEST(Dmd, ProjectedDmdFindsTheEigenvaluesOfALinearSystem) {
  const auto basis = std::get<0>(torch::linalg_qr(gaussian({30, 4}, 0)));
  const auto series =
      iterate_map(known_map(), torch::tensor({1., .5, -.7, 1.}, torch::kDouble), 40).matmul(basis.t());
  const auto model = projected_dmd(series, 25, 0);  // the rank is cut to the four there are
  EXPECT_EQ(model.map.size(0), 4);
  EXPECT_LT(eigenvalue_error(model.map, known_map()), 1e-8);
  const auto path =
      iterate_map(model.map, series[0].unsqueeze(0).matmul(model.modes)[0], 40).matmul(model.modes.t());
  EXPECT_LT((path - series).abs().max().item<double>(), 1e-10);
}

TEST(Dmd, TikhonovTermIsThatOfPyDmd) {
  // One value: s = |X| = |X|_F, so a = <x, y> / s^2 * s^2 / (s^2 + t s).
  const auto series = torch::tensor({{3.}, {4.}, {2.}}, torch::kDouble);
  const double s = 5, exact = (3 * 4 + 4 * 2) / (s * s + .01 * s);
  EXPECT_NEAR(projected_dmd(series, 1, .01).map.item<double>(), exact, 1e-14);
}

TEST(Dmd, PairsNeverCrossSeries) {
  const auto a = gaussian({5, 2}, 1), b = gaussian({7, 2}, 2);
  const auto m = pair_moments({a, b});
  auto expected = torch::zeros({2, 2}, torch::kDouble);
  for (const auto& s : {a, b})
    for (int64_t k = 0; k + 1 < s.size(0); ++k) expected += torch::outer(s[k], s[k + 1]);
  EXPECT_LT((m.xy - expected).abs().max().item<double>(), 1e-13);
}

TEST(Dmd, MapsOfManySeriesAreExactWithoutNoise) {
  std::vector<Tensor> series;
  for (uint64_t i = 0; i < 3; ++i)
    series.push_back(iterate_map(known_map(), gaussian({4}, 10 + i), 9 + 4 * i));
  const auto moments = pair_moments(series);
  EXPECT_LT((least_squares_map(moments, 4) - known_map()).abs().max().item<double>(), 1e-8);
  EXPECT_LT((total_least_squares_map(moments, 4) - known_map()).abs().max().item<double>(), 1e-8);
}

TEST(Dmd, TotalLeastSquaresIsLessBiasedByNoise) {
  std::vector<Tensor> series;
  for (uint64_t i = 0; i < 40; ++i)
    series.push_back(iterate_map(known_map(), gaussian({4}, 20 + i), 60) + .1 * gaussian({61, 4}, 100 + i));
  const auto moments = pair_moments(series);
  const double plain = eigenvalue_error(least_squares_map(moments, 4), known_map());
  const double total = eigenvalue_error(total_least_squares_map(moments, 4), known_map());
  EXPECT_LT(total, plain / 3);
  EXPECT_LT(least_squares_map(moments, 4).norm().item<double>(), known_map().norm().item<double>());  // damps
}

TEST(Dmd, UnstableModesAreMovedOntoTheUnitCircle) {
  const auto clipped = clip_to_unit_circle(known_map(1.05));
  EXPECT_EQ(clipped.n_unstable, 2);
  EXPECT_NEAR(clipped.spectral_radius, 1.05, 1e-12);
  EXPECT_LT((clipped.map - known_map(1)).abs().max().item<double>(), 1e-12);
  const auto stable = clip_to_unit_circle(known_map());
  EXPECT_EQ(stable.n_unstable, 0);
  EXPECT_TRUE(torch::equal(stable.map, known_map()));
}

TEST(Dmd, RefusesWhatHoldsNoDynamics) {
  EXPECT_THROW(projected_dmd(gaussian({1, 5}, 3), 2, 0), DataError);
  EXPECT_THROW(projected_dmd(torch::zeros({4, 5}, torch::kDouble), 2, 0), DataError);
}

}  // namespace
}  // namespace msde
