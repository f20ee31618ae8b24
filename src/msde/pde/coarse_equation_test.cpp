#include "msde/pde/coarse_equation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "msde/pde/equations/kdv_1d.hpp"
#include "msde/pde/equations/wave_1d.hpp"

namespace msde {
namespace {

int64_t evaluations = 0;

double max_error(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

torch::Tensor points(const CoarseGrid& grid) {
  return torch::arange(grid.shape[0], torch::kDouble) * (grid.length[0] / static_cast<double>(grid.shape[0]));
}

TEST(CoarseAdvection, RateIsOfSecondOrder) {
  std::vector<double> errors;
  for (const int64_t n : {40, 80}) {
    const CoarseGrid grid{1, {n}, {2}};
    const auto x = std::numbers::pi * points(grid);
    errors.push_back(max_error(advection_rate(grid, torch::sin(x)), -std::numbers::pi * torch::cos(x)));
  }
  EXPECT_NEAR(std::log2(errors[0] / errors[1]), 2, .05);
}

TEST(CoarseAdvection, StepShiftsExactly) {
  for (const int64_t n : {20, 21}) {
    const CoarseGrid grid{1, {n}, {2}};
    const double dt = .0137;
    const auto pulse = [&](double t) {
      return torch::exp(torch::sin(std::numbers::pi * (points(grid) - t)));
    };
    EXPECT_LT(max_error(advection_step(grid, dt)(pulse(0), evaluations), pulse(dt)),
              1e-7);  // its spectrum ends at 1e-9
  }
}

torch::Tensor soliton(const CoarseGrid& grid, double centre) {  // of speed 1, dispersion .02
  const auto s = 1 / torch::cosh(std::sqrt(1 / .02) / 2 * (points(grid) - centre));
  return 3 * s * s;
}

TEST(CoarseKdv, DealiasedFormConvergesToTheSoliton) {
  std::vector<double> errors;
  for (const int64_t n : {80, 160, 320}) {
    const CoarseGrid grid{1, {n}, {10}};
    const auto step = etdrk4(dealiased_form(Kdv{.n = n}), 5e-4);
    auto v = torch::fft::rfft(soliton(grid, 4));
    for (int i = 0; i < 1000; ++i) v = step(v);
    errors.push_back(max_error(torch::fft::irfft(v, n), soliton(grid, 4.5)));
  }
  EXPECT_LT(errors[1], errors[0] / 100);  // faster than any order
  EXPECT_LT(errors[2], 1e-7);
}

TEST(CoarseKdv, StepOnAFewPointsFollowsTheBenchmarksGrid) {
  const CoarseGrid grid{1, {200}, {10}};
  const auto exact = solve_kdv({}, soliton({1, {1000}, {10}}, 4), {.2, 2})[1].slice(0, 0, c10::nullopt, 5);
  auto u = soliton(grid, 4);
  const auto frame = coarse_kdv_step(grid, .01);
  for (int i = 0; i < 20; ++i) u = frame(u, evaluations);
  EXPECT_LT(max_error(u, exact), 1e-5);                   // of a height of 3
  EXPECT_GT(max_error(soliton(grid, 4.2), exact), 1e-2);  // the benchmark's grid is not exact itself
}

TEST(CoarseKdv, SpectralStepConservesMassAndEnergy) {
  const CoarseGrid grid{1, {64}, {10}};
  const auto u = soliton(grid, 5) + .3;
  const auto step = etdrk4(dealiased_form(Kdv{.n = 64}), 5e-4);
  auto v = torch::fft::rfft(u);
  v[32] = 0;  // the highest mode has no part in the dynamics
  const auto start = torch::fft::irfft(v, 64);
  for (int i = 0; i < 600; ++i) v = step(v);
  const auto w = torch::fft::irfft(v, 64);
  EXPECT_NEAR(w.sum().item<double>(), start.sum().item<double>(), 1e-10);
  EXPECT_NEAR(w.square().sum().item<double>(), start.square().sum().item<double>(),
              1e-6);  // exact but for time steps
}

TEST(CoarseKdv, PublishedRateIsTheBenchmarksStencil) {
  const CoarseGrid grid{1, {50}, {10}};
  const auto u = soliton(grid, 5).unsqueeze(0);
  EXPECT_TRUE(torch::equal(coarse_kdv_rate(grid, u), time_derivative(Kdv{.n = 50}, u)));
}

}  // namespace
}  // namespace msde
