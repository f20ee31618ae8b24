#include "msde/pde/flow/channel_flow.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "msde/pde/flow/taylor_green.hpp"

namespace msde {
namespace {

TEST(ChannelFlow, TaylorGreenCellsConvergeWithSecondOrderInSpace) {
  double before = 0;
  for (const int64_t n : {16, 32, 64}) {
    const TaylorGreen cells{.n = n};
    const double error = largest_difference(cells.channel(), cells.computed(4 * n, .4), cells.exact(.4));
    if (before > 0) {
      EXPECT_NEAR(std::log2(before / error), 2, .15) << n;
    }
    before = error;
  }
  EXPECT_LT(before, .04);  // of speeds up to 7
}

TEST(ChannelFlow, IsOfThirdOrderInTime) {
  const TaylorGreen cells{.n = 24};
  const auto reference = cells.computed(640, .4);
  double before = 0;
  for (const int64_t steps : {40, 80, 160}) {
    const double error = largest_difference(cells.channel(), cells.computed(steps, .4), reference);
    if (before > 0) {
      EXPECT_NEAR(std::log2(before / error), 3, .25) << steps;
    }
    before = error;
  }
}

TEST(ChannelFlow, KeepsEnergyWithoutViscosity) {
  const TaylorGreen cells{.n = 20, .viscosity = 0};
  const auto energy = [&](const StaggeredVelocity& w) {
    double sum = 0;
    for (int64_t i = 0; i <= cells.n; ++i)
      for (int64_t j = 0; j < cells.n; ++j) sum += w.u(i)[j] * w.u(i)[j];
    for (int64_t i = 0; i < cells.n; ++i)
      for (int64_t j = 0; j <= cells.n; ++j) sum += w.v(i)[j] * w.v(i)[j];
    return sum;
  };
  std::vector<double> lost;
  for (const int64_t steps : {100, 200})
    lost.push_back(1 - energy(cells.computed(steps, .5)) / energy(cells.computed(0, 0)));
  EXPECT_LT(std::abs(lost[1]), 1e-4);
  EXPECT_GT(lost[0] / lost[1], 6);  // that of the time steps alone, which falls by eight
}

Channel with_body(int64_t cells) {  // cells a diameter of .25 in a channel of 2 x 1
  return {8 * cells, 4 * cells, .25 / static_cast<double>(cells), .25 / 40};
}
const Circle body{.5, .5, .125};

StaggeredVelocity started(ChannelFlow& flow) {
  const Channel& c = flow.channel();
  StaggeredVelocity w(c.nx, c.ny);
  for (int64_t i = 0; i <= c.nx; ++i) std::fill_n(w.u(i), c.ny, 1.);
  flow.project(w);
  return w;
}

TEST(ChannelFlow, UniformFlowStays) {
  ChannelFlow flow(with_body(6), std::nullopt);
  auto w = started(flow);
  const auto start = w;
  for (int s = 0; s < 20; ++s) flow.advance(w, .02);
  EXPECT_LT(largest_difference(flow.channel(), w, start), 1e-13);
}

TEST(ChannelFlow, NothingLeaksThroughABody) {
  ChannelFlow flow(with_body(10), body);
  auto w = started(flow);
  EXPECT_LT(flow.largest_slip(w), 1e-13);
  EXPECT_LT(flow.largest_divergence(w), 1e-13);
  for (int s = 0; s < 60; ++s) {
    const auto force = flow.advance(w, .012);
    if (s > 10) {
      EXPECT_GT(force.drag, .1);  // of an area of .25
      EXPECT_LT(std::abs(force.lift), 1e-10);
    }
  }
  EXPECT_LT(flow.largest_slip(w), 1e-13);
  EXPECT_LT(flow.largest_divergence(w), 1e-13);
  EXPECT_GT(largest_difference(flow.channel(), w, StaggeredVelocity(80, 40)), 1.2);  // faster beside it
}

TEST(ChannelFlow, ProjectingTwiceChangesNothing) {
  ChannelFlow flow(with_body(8), body);
  auto w = started(flow);
  const auto once = w;
  const auto impulse = flow.project(w);
  EXPECT_LT(largest_difference(flow.channel(), w, once), 1e-12);
  EXPECT_LT(std::abs(impulse.drag), 1e-12);
}

TEST(ChannelFlow, AroundABodyConvergesWithAtLeastFirstOrder) {
  // u and v in the middles of the coarsest cells, outside of the body and two of its cells around it.
  std::vector<std::vector<double>> fields;
  for (const int64_t cells : {8, 16, 32}) {
    ChannelFlow flow(with_body(cells), body);
    auto w = started(flow);
    const auto steps = static_cast<int64_t>(std::ceil(1 / flow.longest_step()));
    for (int64_t s = 0; s < steps; ++s) flow.advance(w, 1 / static_cast<double>(steps));
    std::vector<double> field;
    const int64_t k = cells / 8;
    for (int64_t i = 0; i < 64; ++i) {
      for (int64_t j = 0; j < 32; ++j) {
        const double x = (static_cast<double>(i) + .5) / 32, y = (static_cast<double>(j) + .5) / 32;
        if (std::hypot(x - .5, y - .5) < .125 + 2. / 32) continue;
        double u = 0, v = 0;  // means over the faces of the coarsest cell, which are exact for constant flux
        for (int64_t b = 0; b < k; ++b) {
          u += (w.u(i * k)[j * k + b] + w.u((i + 1) * k)[j * k + b]) / static_cast<double>(2 * k);
          v += (w.v(i * k + b)[j * k] + w.v(i * k + b)[(j + 1) * k]) / static_cast<double>(2 * k);
        }
        field.push_back(u), field.push_back(v);
      }
    }
    fields.push_back(field);
  }
  const auto distance = [&](size_t a, size_t b) {
    double sum = 0;
    for (size_t i = 0; i < fields[a].size(); ++i) sum += std::pow(fields[a][i] - fields[b][i], 2);
    return std::sqrt(sum / static_cast<double>(fields[a].size()));
  };
  EXPECT_LT(distance(0, 1), .03);
  EXPECT_GT(std::log2(distance(0, 1) / distance(1, 2)), 1);
}

TEST(ChannelFlow, DoesNotDependOnTheNumberOfThreads) {
  const int threads = at::get_num_threads();
  std::vector<StaggeredVelocity> results;
  for (const int n : {1, 2}) {
    at::set_num_threads(n);
    ChannelFlow flow(with_body(20), body);
    auto w = started(flow);
    for (int s = 0; s < 3; ++s) flow.advance(w, .005);
    results.push_back(w);
  }
  at::set_num_threads(threads);
  EXPECT_EQ(largest_difference(with_body(20), results[0], results[1]), 0);
}

}  // namespace
}  // namespace msde
