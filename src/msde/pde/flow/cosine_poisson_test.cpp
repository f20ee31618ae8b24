#include "msde/pde/flow/cosine_poisson.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/random/random.hpp"

namespace msde {
namespace {

// -lap p by its five points.
std::vector<double> minus_laplacian(const std::vector<double>& p, int64_t nx, int64_t ny, bool open_end) {
  std::vector<double> r(p.size());
  const auto at = [&](int64_t i, int64_t j) { return p[static_cast<size_t>(i * ny + j)]; };
  for (int64_t i = 0; i < nx; ++i) {
    for (int64_t j = 0; j < ny; ++j) {
      double sum = 0;
      if (i > 0) sum += at(i, j) - at(i - 1, j);
      if (i + 1 < nx) sum += at(i, j) - at(i + 1, j);
      if (i + 1 == nx && open_end) sum += 2 * at(i, j);
      if (j > 0) sum += at(i, j) - at(i, j - 1);
      if (j + 1 < ny) sum += at(i, j) - at(i, j + 1);
      r[static_cast<size_t>(i * ny + j)] = sum;
    }
  }
  return r;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

struct Sizes {
  int64_t nx, ny;
};
class CosinePoissonOn : public testing::TestWithParam<Sizes> {
 protected:
  int64_t nx = GetParam().nx, ny = GetParam().ny;
  std::vector<double> random_field() const {
    std::vector<double> p(static_cast<size_t>(nx * ny));
    fill_normal({3, Stream::test, 0}, 0, nx * ny, p.data());
    return p;
  }
};
INSTANTIATE_TEST_SUITE_P(Grids, CosinePoissonOn, testing::Values(Sizes{7, 4}, Sizes{40, 10}, Sizes{33, 64}));

TEST_P(CosinePoissonOn, SolvesWithAnOpenEnd) {
  const auto p = random_field();
  auto x = minus_laplacian(p, nx, ny, true);
  CosinePoisson poisson(nx, ny, true);
  poisson.to_modes(x.data(), {0, nx});
  poisson.eliminate({0, nx}, {0, ny}, x.data(), nullptr, x.data());
  poisson.substitute(nx, {0, ny}, x.data());
  poisson.to_values(x.data(), {0, nx});
  EXPECT_LT(largest_difference(x, p), 1e-10);
}

TEST_P(CosinePoissonOn, SolvesWithClosedEndsUpToAConstant) {
  const auto p = random_field();
  auto x = minus_laplacian(p, nx, ny, false);
  CosinePoisson poisson(nx, ny, false);
  poisson.to_modes(x.data(), {0, nx});
  poisson.eliminate({0, nx}, {0, ny}, x.data(), nullptr, x.data());
  poisson.substitute(nx, {0, ny}, x.data());
  poisson.to_values(x.data(), {0, nx});
  const double constant = x[0] - p[0];
  for (double& value : x) value -= constant;
  EXPECT_LT(largest_difference(x, p), 1e-10);
}

TEST_P(CosinePoissonOn, PartsMakeTheSameAsTheWhole) {
  const auto r = random_field();
  CosinePoisson poisson(nx, ny, true);
  auto whole = r, parts = r;
  poisson.eliminate({0, nx}, {0, ny}, whole.data(), nullptr, whole.data());
  const int64_t cut = nx / 3, middle = ny / 2;
  for (const auto& modes : {CosinePoisson::Range{0, middle}, {middle, ny}}) {
    poisson.eliminate({cut, nx}, modes, parts.data(), nullptr, parts.data());
    poisson.eliminate({0, cut}, modes, parts.data(), parts.data() + cut * ny, parts.data());
  }
  EXPECT_EQ(whole, parts);
  // The beginning of a solution needs no other rows.
  poisson.substitute(nx, {0, ny}, whole.data());
  poisson.substitute(cut, {0, ny}, parts.data());
  EXPECT_TRUE(std::equal(whole.begin(), whole.begin() + cut * ny, parts.begin()));
}

TEST_P(CosinePoissonOn, ModesAreThoseOfTheirFormula) {
  const auto r = random_field();
  auto modes = r;
  CosinePoisson poisson(nx, ny, true);
  poisson.to_modes(modes.data(), {0, nx});
  for (int64_t c = 0; c < ny; ++c) {
    const int64_t k = c < ny / 2 ? 2 * c : 2 * (c - ny / 2) + 1;
    double sum = 0;
    for (int64_t j = 0; j < ny; ++j)
      sum +=
          r[static_cast<size_t>((nx - 1) * ny + j)] *
          std::cos(M_PI * static_cast<double>(k) * (static_cast<double>(j) + .5) / static_cast<double>(ny));
    EXPECT_NEAR(modes[static_cast<size_t>((nx - 1) * ny + c)], sum, 1e-12);
  }
  poisson.to_values(modes.data(), {0, nx});
  EXPECT_LT(largest_difference(modes, r), 1e-13);
}

}  // namespace
}  // namespace msde
