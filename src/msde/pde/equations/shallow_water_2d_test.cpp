#include "msde/pde/equations/shallow_water_2d.hpp"

#include <gtest/gtest.h>

#include <numbers>

namespace msde {
namespace {

using Volumes = FiniteVolumes<ShallowWaterLaw>;
constexpr auto open_end = Boundary::open, wall = Boundary::wall, periodic = Boundary::periodic;

// Stoker's solution of the dam break on a wet bed (Water Waves, 1957, section 10.8): depth at x / t, g = 1.
struct Stoker {
  double left, right, middle, velocity, shock;

  Stoker(double l, double r) : left(l), right(r) {
    double low = r, high = l;  // the depth where rarefaction and shock give the same velocity, by bisection
    for (int i = 0; i < 200; ++i) {
      middle = .5 * (low + high);
      velocity = 2 * (std::sqrt(left) - std::sqrt(middle));
      const double behind_shock = (middle - right) * std::sqrt(.5 * (middle + right) / (middle * right));
      (velocity > behind_shock ? low : high) = middle;
    }
    shock = middle * velocity / (middle - right);
  }
  double depth(double s) const {
    if (s < -std::sqrt(left)) return left;
    if (s < velocity - std::sqrt(middle)) return std::pow((2 * std::sqrt(left) - s) / 3, 2);
    return s < shock ? middle : right;
  }
};

// A dam across `axis` at x = 0 on [-2, 2] breaks: mean error of the depth at t = .8.
double dam_break_error(int64_t n, int axis) {
  CellGrid grid{{3, 3}, {1, 1}, {periodic, periodic}};
  grid.shape[static_cast<size_t>(axis)] = n;
  grid.spacing[static_cast<size_t>(axis)] = 4. / static_cast<double>(n);
  grid.boundary[static_cast<size_t>(axis)] = open_end;
  auto u = torch::zeros({3, grid.shape[0], grid.shape[1]}, torch::kDouble);
  u[0].fill_(1).narrow(axis, 0, n / 2).fill_(2);
  u = Volumes(grid, {}).advance(u, .8);
  const auto depth = u[0].select(1 - axis, 1).contiguous();
  const Stoker exact(2, 1);
  double error = 0;
  for (int64_t i = 0; i < n; ++i)
    error +=
        std::abs(depth[i].item<double>() - exact.depth((-2 + (i + .5) * 4. / static_cast<double>(n)) / .8));
  EXPECT_EQ(u[2 - axis].abs().max().item<double>(), 0);  // no momentum along the dam
  return error / static_cast<double>(n);
}

TEST(ShallowWater, DamBreakMeetsStokersSolution) {
  for (const int axis : {0, 1}) {
    const double coarse = dam_break_error(200, axis), fine = dam_break_error(400, axis);
    EXPECT_LT(fine, 2e-3);
    EXPECT_GT(std::log2(coarse / fine), .8);  // first order at best: there is a shock
  }
}

TEST(ShallowWater, SmoothFlowIsOfSecondOrder) {
  const auto solve = [](int64_t n) {
    const auto x = (torch::arange(n, torch::kDouble) + .5) / static_cast<double>(n);
    const auto bump = torch::cos(2 * std::numbers::pi * x);
    auto u = torch::zeros({3, n, n}, torch::kDouble);
    u[0] = 1 + .1 * bump.unsqueeze(1) * bump;
    u[1] = .1 * u[0];
    return Volumes({{n, n}, {1. / n, 1. / n}, {periodic, periodic}}, {}).advance(u, .2);
  };
  const auto exact = solve(256);
  const auto error = [&](int64_t n) {
    return (solve(n) - torch::avg_pool2d(exact.unsqueeze(0), 256 / n)[0]).abs().mean().item<double>();
  };
  EXPECT_GT(std::log2(error(32) / error(64)), 1.7);
}

TEST(ShallowWater, RadialDamStaysSymmetricAndKeepsItsMass) {
  const auto u = break_dam({.n = 64, .radius = .6}, {1, 5});
  const auto h = u.select(1, 0);
  const double tolerance = 1e-12;
  EXPECT_LT((h - h.transpose(1, 2)).abs().max().item<double>(), tolerance);
  EXPECT_LT((h - h.flip(1)).abs().max().item<double>(), tolerance);
  EXPECT_LT((u.select(1, 1) - u.select(1, 2).transpose(1, 2)).abs().max().item<double>(), tolerance);
  EXPECT_LT((u.select(1, 1) + u.select(1, 1).flip(1)).abs().max().item<double>(), tolerance);
  const auto mass = h.sum({1, 2});
  EXPECT_LT((mass - mass[0]).abs().max().item<double>(),
            1e-9 * mass[0].item<double>());  // waves are still inside
}

// h_t + q_r = -q / r, q_t + (q^2/h + h^2/2)_r = -q^2 / (h r): the same flow in one dimension, by the
// first-order Lax-Friedrichs scheme on a very fine grid.
std::vector<double> radial_depth(double radius, double t_end, int64_t n, double r_end) {
  const double dr = r_end / static_cast<double>(n);
  std::vector<double> h(static_cast<size_t>(n)), q(h.size(), 0), hn(h), qn(h);
  const auto r = [&](size_t i) { return (static_cast<double>(i) + .5) * dr; };
  for (size_t i = 0; i < h.size(); ++i) h[i] = r(i) <= radius ? 2 : 1;
  const double speed = 2.4;
  const auto steps = static_cast<int>(std::ceil(t_end / (.9 * dr / speed)));
  const double dt = t_end / steps;
  for (int s = 0; s < steps; ++s) {
    const auto flux = [&](size_t i, size_t j, double& fh, double& fq) {  // local Lax-Friedrichs
      const double ui = q[i] / h[i], uj = q[j] / h[j];
      const double a = std::max(std::abs(ui) + std::sqrt(h[i]), std::abs(uj) + std::sqrt(h[j]));
      fh = .5 * (q[i] + q[j]) - .5 * a * (h[j] - h[i]);
      fq = .5 * (q[i] * ui + .5 * h[i] * h[i] + q[j] * uj + .5 * h[j] * h[j]) - .5 * a * (q[j] - q[i]);
    };
    double left_h = 0, left_q = .5 * h[0] * h[0];  // the centre is a wall
    for (size_t i = 0; i < h.size(); ++i) {
      double right_h = q[i], right_q = q[i] * q[i] / h[i] + .5 * h[i] * h[i];
      if (i + 1 < h.size()) flux(i, i + 1, right_h, right_q);
      hn[i] = h[i] - dt * ((right_h - left_h) / dr + q[i] / r(i));
      qn[i] = q[i] - dt * ((right_q - left_q) / dr + q[i] * q[i] / h[i] / r(i));
      left_h = right_h, left_q = right_q;
    }
    h.swap(hn), q.swap(qn);
  }
  return h;
}

TEST(ShallowWater, RadialDamMeetsTheRadialEquations) {
  const double radius = .5, t = .4, r_end = 2.2;
  const int64_t n = 8000;
  const auto exact = radial_depth(radius, t, n, r_end);
  std::vector<double> errors;
  for (const int64_t cells : {128, 256}) {
    const RadialDam dam{.n = cells, .radius = radius};
    const auto h = break_dam(dam, {t, 2})[1][0].contiguous();
    const auto depth = h.accessor<double, 2>();
    double error = 0, norm = 0;
    for (int64_t i = 0; i < cells; ++i)
      for (int64_t j = 0; j < cells; ++j) {
        const double x = dam.first_point() + i * dam.spacing(), y = dam.first_point() + j * dam.spacing();
        const double r = std::hypot(x, y);
        if (r > 2) continue;
        const double wanted = exact[static_cast<size_t>(r / r_end * n)];
        error += std::pow(depth[i][j] - wanted, 2), norm += std::pow(wanted - 1, 2);
      }
    errors.push_back(std::sqrt(error / norm));
  }
  EXPECT_LT(errors[0], .18);  // a shock of two cells, a round dam of square cells
  EXPECT_LT(errors[1], .75 * errors[0]);
}

TEST(ShallowWater, WallsReflectAndKeepTheWater) {
  auto u = torch::zeros({3, 30, 20}, torch::kDouble);
  u[0].fill_(1).narrow(0, 4, 6).narrow(1, 10, 5).fill_(1.5);
  const Volumes volumes({{30, 20}, {.1, .1}, {wall, wall}}, {});
  const auto later = volumes.advance(u, 6);
  EXPECT_NEAR(later[0].sum().item<double>(), u[0].sum().item<double>(), 1e-10);
  EXPECT_GT(later[0].min().item<double>(), .8);
  // A wall is where an image of the water beyond it would push back.
  const Volumes doubled({{60, 20}, {.1, .1}, {wall, wall}}, {});
  auto image = u.flip(1);
  const auto both = doubled.advance(torch::cat({u, image}, 1), 1);
  EXPECT_LT((both.narrow(1, 0, 30) - volumes.advance(u, 1)).abs().max().item<double>(), 1e-12);
}

TEST(ShallowWater, RadiiAreThoseOfPdebench) {
  // numpy.random.default_rng(group).uniform(.3, .7)
  EXPECT_EQ(dam_radius(0, 0, 0), 0.5547846749285816);
  EXPECT_EQ(dam_radius(0, 0, 7), 0.5500381866418668);
  EXPECT_EQ(dam_radius(0, 2, 0), 0.42900185295085524);    // group 950
  EXPECT_EQ(dam_radius(0, 2, 49), 0.611530007032109);     // group 999
  EXPECT_EQ(dam_radius(7, 0, 3), 0.5728919630433329);     // default_rng([3, 7])
  EXPECT_NE(dam_radius(0, 0, 900), dam_radius(0, 1, 0));  // longer splits do not run into the next
}

TEST(ShallowWater, TrajectoryStartsFromTheDamAndMatchesItsCoarseEquation) {
  const auto field = simulate_shallow_water_2d({0, Stream::data_parameters, 7}, {.05, 2});
  EXPECT_EQ(field.sizes(), (std::vector<int64_t>{2, 1, 128, 128}));
  EXPECT_EQ(field[0].max().item<double>(), 1);
  EXPECT_EQ(field[0].min().item<double>(), 0);
  const double area = field[0].sum().item<double>() * std::pow(5. / 128, 2);
  EXPECT_NEAR(area, std::numbers::pi * .55004 * .55004, .02);
  const CoarseGrid grid{1, {128, 128}, {5, 5}, {open_end, open_end}};
  int64_t evaluations = 0;
  const auto state = coarse_shallow_water_step(grid, .05)(water_at_rest(field[0]), evaluations);
  EXPECT_LT((state.narrow(0, 0, 1) - field[1]).abs().max().item<double>(), 1e-12);
}

}  // namespace
}  // namespace msde
