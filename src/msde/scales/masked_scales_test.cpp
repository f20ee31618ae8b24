// Scales on a grid of which some points are no fluid: against sums written out, and against the grid cut down to its fluid
// where a wall of solid stands in its place.
#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/error.hpp"
#include "msde/scales/coarse_points.hpp"
#include "msde/scales/kernel_filter.hpp"
#include "msde/scales/reduced_filter.hpp"
#include "msde/scales/stencil.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

Tensor numbers(uint64_t i, std::vector<int64_t> shape) {
  return normal({11, Stream::test, i}, shape, torch::kDouble);
}

// 2 channels on 12 x 16 points, of which a body of 5 x 4 points, off the middle, is none.
Grid with_body(std::vector<AxisEnds> boundary = {Boundary::wall, {Boundary::inflow, Boundary::outflow}}) {
  std::vector<uint8_t> fluid(12 * 16, 1);
  for (int64_t y = 3; y < 8; ++y)
    for (int64_t x = 5; x < 9; ++x) fluid[static_cast<size_t>(y * 16 + x)] = 0;
  return {.channels = 2,
          .shape = {12, 16},
          .length = {1, 2},
          .boundary = std::move(boundary),
          .axes = {"y", "x"},
          .mask = make_mask(fluid)};
}

// The left 12 x 16 points of 12 x 24, the rest of which is solid; and those alone.
Grid walled() {
  std::vector<uint8_t> fluid(12 * 24, 1);
  for (int64_t y = 0; y < 12; ++y)
    for (int64_t x = 16; x < 24; ++x) fluid[static_cast<size_t>(y * 24 + x)] = 0;
  return {.channels = 2,
          .shape = {12, 24},
          .length = {1, 3},
          .boundary = {Boundary::wall, Boundary::open},
          .axes = {"y", "x"},
          .mask = make_mask(fluid)};
}
Grid cut_down() {
  Grid grid = walled();
  grid.shape = {12, 16}, grid.length = {1, 2}, grid.mask = nullptr;
  return grid;
}
// Fields [.., 2, 12, 16] as fields of the walled grid.
Tensor in_walled(const Tensor& fields) {
  return torch::constant_pad_nd(fields, {0, 8});
}

// (S u)_i = sum_j k(i - j) m_j u_j / sum_j k(i - j) m_j written out, [points, points].
Tensor dense_smoothing(const Grid& grid, const BasisKernel& kernel) {
  const int64_t n = grid.points(), width = grid.shape[1];
  auto S = torch::zeros({n, n}, torch::kDouble);
  const auto weight = [&](int64_t axis, int64_t lag) {
    const double sigma = static_cast<double>(grid.shape[axis]) / static_cast<double>(kernel.n_zeta[axis]);
    int64_t distance = std::abs(lag);
    if (grid.boundary[axis].periodic()) distance = std::min(distance, grid.shape[axis] - distance);
    if (distance > std::llround(static_cast<double>(kernel.n_sigma) * sigma)) return 0.;
    return std::exp(-.5 * std::pow(static_cast<double>(distance) / (kernel.width * sigma), 2));
  };
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j)
      if (grid.mask->is_fluid(j))
        S[i][j] = weight(0, i / width - j / width) * weight(1, i % width - j % width);
    const double share = S[i].sum().item<double>();
    if (share > 0) S[i] /= share;
  }
  return S;
}

TEST(MaskedScales, smoothing_is_the_mean_over_the_fluid) {
  for (const auto& boundary : {std::vector<AxisEnds>{Boundary::wall, {Boundary::inflow, Boundary::outflow}},
                               std::vector<AxisEnds>{Boundary::open, Boundary::periodic}}) {
    const Grid grid = with_body(boundary);
    const BasisKernel kernel = {.width = .6, .n_sigma = 1, .n_zeta = {3, 4}};
    const auto S = dense_smoothing(grid, kernel);
    const auto u = numbers(0, {grid.size(), 3});
    const auto both = torch::block_diag({S, S});
    EXPECT_LT((smooth_columns(u, grid, kernel) - both.mm(u)).abs().max().item<double>(), 1e-12);
    EXPECT_LT((smooth_columns(u, grid, kernel, true) - both.t().mm(u)).abs().max().item<double>(), 1e-12);
  }
}

TEST(MaskedScales, a_cell_of_less_than_a_tenth_of_fluid_carries_nothing) {
  Grid grid = with_body();  // cells of 4 x 4 points, of cell (1, 1) three columns solid
  EXPECT_EQ(carried_cells(grid, {3, 4}).numel(), 12);
  std::vector<uint8_t> fluid(12 * 16, 1);
  for (const int64_t y : {4, 5, 6, 7})
    for (const int64_t x : {4, 5, 6, 7}) fluid[static_cast<size_t>(y * 16 + x)] = 0;
  fluid[4 * 16 + 4] = 1;  // one of 16 points
  grid.mask = make_mask(fluid);
  const auto carried = carried_cells(grid, {3, 4});
  EXPECT_EQ(carried.numel(), 11);
  EXPECT_FALSE((carried == 5).any().item<bool>());
  fluid[4 * 16 + 5] = 1;  // two
  grid.mask = make_mask(fluid);
  EXPECT_EQ(carried_cells(grid, {3, 4}).numel(), 12);
}

TEST(MaskedScales, cells_of_a_periodic_axis_lie_about_their_points) {
  Grid grid = {.channels = 1, .shape = {12}, .length = {1}, .boundary = {Boundary::periodic}, .axes = {"x"}};
  grid.mask = make_mask({0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0});  // cell 0 is the points 10, 11, 0, 1
  EXPECT_TRUE(carried_cells(grid, {3}).equal(torch::tensor({1, 2}, torch::kLong)));
  EXPECT_TRUE(restricted_points(grid, {3}).equal(torch::tensor({4, 8}, torch::kLong)));
}

TEST(MaskedScales, of_cells_that_are_all_but_empty_say_so) {
  Grid grid = {.channels = 1, .shape = {24}, .length = {1}, .boundary = {Boundary::wall}, .axes = {"x"}};
  std::vector<uint8_t> fluid(24, 0);
  fluid[3] = 1;
  grid.mask = make_mask(fluid);
  EXPECT_THROW(carried_cells(grid, {2}), ConfigError);
  EXPECT_EQ(carried_cells(grid, {4}).numel(), 1);
}

TEST(MaskedScales, a_wall_of_solid_is_the_end_of_the_grid) {
  const Grid grid = walled(), alone = cut_down();
  for (const int64_t radius : {1, 2, 3})
    EXPECT_TRUE(stencil_index({3, 6}, grid, radius).equal(stencil_index({3, 4}, alone, radius))) << radius;
  const auto u = numbers(1, {3, 2, 12, 16});
  const auto columns = [](const Tensor& fields) { return fields.flatten(1).t(); };
  for (const double width : kFilterWidths) {
    const auto smoothed = smooth_columns(columns(in_walled(u)), grid, {width, 2, {3, 6}});
    const auto expected = smooth_columns(columns(u), alone, {width, 2, {3, 4}});
    const auto restricted = smoothed.index_select(0, restricted_points(grid, {3, 6}));
    EXPECT_LT(
        (restricted - expected.index_select(0, restricted_points(alone, {3, 4}))).abs().max().item<double>(),
        1e-12);
    const auto inside = smoothed.t().view({3, 2, 12, 24}).slice(3, 0, 16);
    EXPECT_LT((inside - expected.t().view({3, 2, 12, 16})).abs().max().item<double>(), 1e-12);
  }
}

TEST(MaskedScales, of_the_free_kernel_end_at_a_wall_of_solid) {
  const Grid grid = walled(), alone = cut_down();
  KernelFilter masked(grid, {3, 6}, 2), plain(alone, {3, 4}, 2);
  {
    const torch::NoGradGuard no_grad;
    const auto change = (.2 * numbers(2, masked.parameters()[0].sizes().vec())).to(torch::kFloat).exp();
    for (auto* filter : {&masked, &plain}) filter->parameters()[0].mul_(change);
  }
  const auto u = numbers(3, {5, 2, 12, 16}).to(torch::kFloat), zeta = numbers(4, {5, 24}).to(torch::kFloat);
  const auto a = masked.scales(), b = plain.scales();
  const auto row = [](const Tensor& fields) { return fields.flatten(1); };
  const auto near = [](const Tensor& x, const Tensor& y) {
    return (x - y).abs().max().item<double>() < 2e-5;
  };
  const auto parts = a.separate(row(in_walled(u))), expected = b.separate(row(u));
  EXPECT_TRUE(near(parts.zeta, expected.zeta));
  EXPECT_TRUE(near(a.restrict_to_macro(row(in_walled(u))), expected.zeta));
  EXPECT_TRUE(near(parts.residual, row(in_walled(expected.residual.view_as(u)))));
  EXPECT_TRUE(near(a.prolong(zeta), row(in_walled(b.prolong(zeta).view_as(u)))));
  EXPECT_TRUE(near(a.keep_micro(torch::ones_like(parts.residual)), row(in_walled(torch::ones_like(u)))));
}

}  // namespace
}  // namespace msde
