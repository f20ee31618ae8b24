#include "msde/pde/steppers/finite_volumes.hpp"

#include <gtest/gtest.h>

#include <numbers>

namespace msde {
namespace {

// Constant velocities: u_t + a u_x + b u_y = D lap u.
struct Advection {
  static constexpr int components = 1;
  using State = std::array<double, 1>;
  std::array<double, 2> velocity;
  double D = 0;
  template <int axis>
  State flux(const State& left, const State& right) const {
    const double a = velocity[axis];
    return {a * (a > 0 ? left[0] : right[0])};
  }
  double speed(const State&, int axis) const { return std::abs(velocity[static_cast<size_t>(axis)]); }
  static double mirrored(int, int) { return 1; }
  double diffusivity() const { return D; }
};

constexpr auto periodic = Boundary::periodic;

// exp(sin) of a wave that moves and, where D > 0, a single mode that decays; on a grid that is not square.
torch::Tensor wave(int64_t rows, int64_t columns, double shift_x, double shift_y) {
  const auto x = (torch::arange(rows, torch::kDouble) + .5) / static_cast<double>(rows) - shift_x;
  const auto y = (torch::arange(columns, torch::kDouble) + .5) / static_cast<double>(columns) - shift_y;
  const double k = 2 * std::numbers::pi;
  return (2 + torch::sin(k * x).unsqueeze(1) * torch::cos(k * y)).unsqueeze(0);
}

TEST(FiniteVolumes, AdvectionIsOfSecondOrderAlongBothAxes) {
  for (const std::array<double, 2> velocity : {std::array{1., 0.}, std::array{0., -1.}, std::array{.7, .4}}) {
    std::vector<double> errors;
    for (const int64_t n : {32, 64, 128}) {
      const FiniteVolumes<Advection> volumes({{n, n / 2}, {1. / n, 2. / n}, {periodic, periodic}},
                                             {velocity});
      const auto u = volumes.advance(wave(n, n / 2, 0, 0), .25);
      errors.push_back(
          (u - wave(n, n / 2, velocity[0] * .25, velocity[1] * .25)).abs().mean().item<double>());
    }
    EXPECT_GT(std::log2(errors[1] / errors[2]), 1.7);
  }
}

TEST(FiniteVolumes, DiffusionDecaysAsItShould) {
  const int64_t n = 64;
  const FiniteVolumes<Advection> volumes({{n, n}, {1. / n, 1. / n}, {periodic, periodic}}, {{0, 0}, .01});
  const double k = 2 * std::numbers::pi;
  const auto u = volumes.advance(wave(n, n, 0, 0), .5);
  EXPECT_LT((u - 2 - (wave(n, n, 0, 0) - 2) * std::exp(-2 * k * k * .01 * .5)).abs().max().item<double>(),
            1e-3);
}

TEST(FiniteVolumes, StepsHaveNoNewExtrema) {
  auto u = torch::zeros({1, 40, 3}, torch::kDouble);
  u.narrow(1, 10, 10).fill_(1);
  const FiniteVolumes<Advection> volumes({{40, 3}, {1. / 40, 1}, {periodic, periodic}}, {{1, 0}});
  const auto moved = volumes.advance(u, .6);
  EXPECT_GE(moved.min().item<double>(), -1e-12);
  EXPECT_LE(moved.max().item<double>(), 1 + 1e-12);
  EXPECT_NEAR(moved.sum().item<double>(), u.sum().item<double>(), 1e-12);
}

TEST(FiniteVolumes, OpenEndsLetEverythingLeave) {
  auto u = torch::zeros({1, 40, 3}, torch::kDouble);
  u.narrow(1, 20, 10).fill_(1);
  const FiniteVolumes<Advection> volumes({{40, 3}, {1. / 40, 1}, {Boundary::open, periodic}}, {{1, 0}});
  EXPECT_LT(volumes.advance(u, 1.5).abs().max().item<double>(), 1e-6);
}

// What changes its sign behind a wall.
struct OddAdvection : Advection {
  static double mirrored(int, int) { return -1; }
};

// u_t = u_x. Values at the faces are those of the cell behind it, less half its limited slope: ghost cells by
// hand are -2 -1 | 1 2 4 8 | 8 8 with the wall at the low end, 1 1 | 1 2 4 8 | -8 -4 with it at the high end.
TEST(FiniteVolumes, EachEndOfAnAxisHasItsOwnRule) {
  const auto u = torch::tensor({1., 2., 4., 8.}, torch::kDouble).view({1, 4, 1}).repeat({1, 1, 2});
  const auto rate = [&](const AxisEnds& ends) {
    OddAdvection law;
    law.velocity = {-1, 0};
    return FiniteVolumes<OddAdvection>({{4, 2}, {1, 1}, {ends, periodic}}, law).rate(u).select(2, 0)[0];
  };
  const auto is = [&](const AxisEnds& ends, std::vector<double> expected) {
    EXPECT_TRUE(torch::equal(rate(ends), torch::tensor(expected, torch::kDouble))) << rate(ends);
  };
  is({Boundary::wall, Boundary::open}, {1.25 - .25, 2.5 - 1.25, 8 - 2.5, 8 - 8});
  is({Boundary::open, Boundary::wall}, {1.25 - 1, 2.5 - 1.25, 8 - 2.5, -8 - 8});
}

TEST(LimitedSlope, IsTheMonotonisedCentralLimiter) {
  EXPECT_EQ(limited_slope(1, 1), 1);
  EXPECT_EQ(limited_slope(1, 2), 1.5);
  EXPECT_EQ(limited_slope(-1, -9), -2);
  EXPECT_EQ(limited_slope(1, -1), 0);
  EXPECT_EQ(limited_slope(0, 3), 0);
}

}  // namespace
}  // namespace msde
