#include "msde/pde/equations/kdv_1d.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <numbers>

#include "msde/pde/steppers/rk4.hpp"

namespace msde {
namespace {

double max_error(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

torch::Tensor points(const Kdv& kdv) {
  return torch::arange(kdv.n, torch::kDouble) * kdv.dx();
}

TEST(Kdv, SpectralFormIsTheStencil) {
  const Kdv kdv{.n = 64};
  const auto u = torch::exp(torch::sin(2 * std::numbers::pi / kdv.length * points(kdv)));
  const auto equation = spectral_form(kdv);
  const auto v = torch::fft::rfft(u);
  const auto rate = torch::fft::irfft(equation.linear * v + equation.nonlinear(v), kdv.n);
  EXPECT_LT(max_error(rate, time_derivative(kdv, u)), 1e-11);
}

TEST(Kdv, StencilApproachesTheEquation) {
  // u = sin(k x): -u u_x - delta u_xxx = -k sin cos + delta k^3 cos; the off-centre stencil is of first
  // order.
  std::vector<double> errors;
  const double k = 2 * std::numbers::pi / 10;
  for (const int64_t n : {200, 400}) {
    const Kdv kdv{.n = n};
    const auto x = points(kdv);
    const auto sine = torch::sin(k * x), cosine = torch::cos(k * x);
    errors.push_back(
        max_error(time_derivative(kdv, sine), -k * sine * cosine + kdv.dispersion * k * k * k * cosine));
  }
  EXPECT_LT(errors[1], 1e-3);
  EXPECT_GT(errors[0] / errors[1], 1.9);
}

TEST(Kdv, SmallWavesTravelByTheDispersionRelation) {
  // Of amplitude 1e-6, cos(kx) turns into e^{rate t} cos(kx + k^3 delta t), rate = -delta dx/2 k^4
  // (hyper-diffusion).
  const Kdv kdv;
  const double k = 2 * std::numbers::pi / kdv.length * 5, delta = kdv.dispersion;
  const auto x = points(kdv);
  const auto last = solve_kdv(kdv, 1e-6 * torch::cos(k * x), {1, 2})[1];
  const double rate = -delta * kdv.dx() / 2 * std::pow(k, 4);
  const auto expected = 1e-6 * std::exp(rate) * torch::cos(k * x + delta * std::pow(k, 3));
  EXPECT_LT(max_error(last, expected), 1e-6 * 2e-4);
}

TEST(Kdv, SolitonTravelsAtItsSpeed) {
  // 3c sech^2(sqrt(c / delta) / 2 (x - x0 - c t)) solves u_t + u u_x + delta u_xxx = 0.
  const double c = 1, t = .5;
  const auto soliton = [&](const Kdv& kdv, double centre) {
    const auto s = 1 / torch::cosh(std::sqrt(c / kdv.dispersion) / 2 * (points(kdv) - centre));
    return 3 * c * s * s;
  };
  std::vector<double> errors;
  for (const int64_t n : {500, 1000, 2000}) {
    const Kdv kdv{.n = n};
    errors.push_back(max_error(solve_kdv(kdv, soliton(kdv, 4), {t, 2})[1], soliton(kdv, 4 + c * t)));
  }
  EXPECT_LT(errors[2], .05);                  // of a height of 3
  EXPECT_NEAR(errors[0] / errors[1], 2, .3);  // the published stencil is of first order in dx
  EXPECT_NEAR(errors[1] / errors[2], 2, .2);
}

TEST(Kdv, AgreesWithAnIndependentIntegrationOfTheSameOde) {
  // Coarse grid, whole time range: classical Runge-Kutta on the stencil, its step far below the stability
  // limit.
  const Kdv coarse{.n = 100};
  const auto u0 = kdv_initial(coarse, 2, 1);
  torch::Tensor expected;
  trajectory(rk4([&](const torch::Tensor& u) { return time_derivative(coarse, u); }, 2e-4), u0, 2, 5000,
             [&](int64_t, const torch::Tensor& u) { expected = u; });
  EXPECT_LT(max_error(solve_kdv(coarse, u0, {1, 2})[1], expected), 1e-8);
}

TEST(Kdv, AgreesWithAnIndependentIntegrationOnTheBenchmarksGrid) {
  const Kdv kdv;
  const auto u0 = kdv_initial(kdv, 2.2, .8);
  torch::Tensor expected;
  trajectory(rk4([&](const torch::Tensor& u) { return time_derivative(kdv, u); }, 5e-6), u0, 2, 2000,
             [&](int64_t, const torch::Tensor& u) { expected = u; });
  EXPECT_LT(max_error(solve_kdv(kdv, u0, {.01, 2})[1], expected), 1e-8);
}

TEST(Kdv, IsOfFourthOrderInTime) {
  const Kdv kdv{.n = 200};
  const auto u0 = kdv_initial(kdv, 2, 1);
  const auto reference = solve_kdv(kdv, u0, {1, 2}, 1. / 3200)[1];
  std::vector<double> errors;
  for (const double h : {1. / 100, 1. / 200, 1. / 400}) {
    errors.push_back(max_error(solve_kdv(kdv, u0, {1, 2}, h)[1], reference));
  }
  EXPECT_NEAR(std::log2(errors[0] / errors[1]), 4, .4);
  EXPECT_NEAR(std::log2(errors[1] / errors[2]), 4, .3);
}

class KdvHalving : public testing::TestWithParam<int64_t> {};

TEST_P(KdvHalving, HalvingTheStepChangesNothing) {
  const SnapshotTimes times{1, GetParam()};
  const Kdv kdv;
  for (const auto& [A, s] : {std::pair{2., 1.}, {2.4, .65}}) {  // the mean, and four deviations away
    const auto u0 = kdv_initial(kdv, A, s);
    const double h = times.spacing() / static_cast<double>(steps_per_snapshot(times, kdv_max_step));
    const double change = max_error(solve_kdv(kdv, u0, times), solve_kdv(kdv, u0, times, h / 2));
    EXPECT_LT(change, 1e-8);  // the comment of kdv_max_step
    std::printf("halving the step: A %g, s %g, change %.1e\n", A, s, change);
  }
}
INSTANTIATE_TEST_SUITE_P(Snapshots, KdvHalving, testing::Values(1001, 11));

TEST(Kdv, ConservesMass) {
  const Kdv kdv;
  const auto mass = solve_kdv(kdv, kdv_initial(kdv, 2, 1), {1, 11}).sum(1) * kdv.dx();
  EXPECT_LT((mass - mass[0]).abs().max().item<double>(), 1e-11);
}

TEST(Kdv, FirstSnapshotIsTheInitialCondition) {
  const Kdv kdv;
  const auto u0 = kdv_initial(kdv, 2, 1);
  EXPECT_TRUE(torch::equal(solve_kdv(kdv, u0, {1, 11})[0], u0));
  EXPECT_NEAR(u0[750].item<double>(),
              2 * std::cos(std::numbers::pi * 7500 / 999) * std::exp(-std::pow(7500. / 999 - 7.5, 2)), 1e-12);
}

TEST(Kdv, BenchmarkDrawsFollowTheKey) {
  const SnapshotTimes times{.01, 2};
  const auto a = simulate_kdv_1d({1, Stream::data_parameters, 5}, times);
  EXPECT_EQ(a.sizes(), (std::vector<int64_t>{2, 1, 1000}));
  EXPECT_TRUE(torch::equal(a, simulate_kdv_1d({1, Stream::data_parameters, 5}, times)));
  EXPECT_FALSE(torch::equal(a, simulate_kdv_1d({1, Stream::data_parameters, 6}, times)));
}

}  // namespace
}  // namespace msde
