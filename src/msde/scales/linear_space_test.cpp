#include "msde/scales/linear_space.hpp"

#include <gtest/gtest.h>

#include <numbers>

#include "msde/scales/reduced_filter.hpp"
#include "msde/scales/smooth_patterns.hpp"
#include "msde/scales/stretched_patterns.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using std::numbers::pi;

torch::Tensor draw(uint64_t number, at::IntArrayRef shape) {
  return normal({61, Stream::test, number}, shape, torch::kDouble);
}

Grid ring(int64_t n) {
  return {.channels = 1, .shape = {n}, .length = {1.}, .boundary = {Boundary::periodic}, .axes = {"x"}};
}

Grid square(AxisEnds y, AxisEnds x) {
  return {.channels = 2, .shape = {16, 24}, .length = {1., 1.}, .boundary = {y, x}, .axes = {"y", "x"}};
}

double largest(const torch::Tensor& x) {
  return x.abs().max().item<double>();
}

TEST(LinearSpace, turns_modes_without_making_any_large) {
  const Grid grid = ring(64);
  const SnapshotModes modes = {draw(1, {64, 30}) / (1 + torch::arange(30, torch::kDouble)).square()};
  const LinearSpaceOptions o = {{8}, 2, 4};
  const auto space = build_linear_space(modes, grid, o, {});
  const auto W = space.restriction[1].to(torch::kDouble), N = space.micro.to(torch::kDouble);
  const auto whole = torch::cat({W, N});
  EXPECT_LT(largest(whole.mm(whole.t()) - torch::eye(12, torch::kDouble)), 1e-6);
  EXPECT_LT(largest(space.V.t().mm(space.V) - torch::eye(12)), 1e-6);
  EXPECT_EQ(largest(space.smooth), 0);
  // The range of W is that of R S V, and W is nearer to it than other orthonormal rows of that range.
  const auto kept = restricted_points(grid, o.n_zeta);
  const auto RS = smooth_columns(space.V.to(torch::kDouble), grid, {.6, 2, {8}}).index_select(0, kept);
  EXPECT_LT(largest(RS - RS.mm(W.t()).mm(W)), 1e-6);
  const auto turn = std::get<0>(torch::linalg_qr(draw(2, {8, 8})));
  EXPECT_LT((RS - W).norm().item<double>(), (RS - turn.mm(W)).norm().item<double>());
  // Micro rows by falling variance, of the size that is said.
  const auto left = N.mm(space.V.to(torch::kDouble).t().mm(modes.weighted)).square().sum(1).sqrt();
  EXPECT_LT(largest(left - space.micro_scale.to(torch::kDouble)), 1e-5);
  EXPECT_GE(left[0].item<double>(), left[3].item<double>());
}

TEST(LinearSpace, holds_fields_of_no_more_modes_than_it_has) {
  const Grid grid = square(Boundary::wall, Boundary::periodic);
  const auto fields = draw(3, {grid.size(), 10});
  const auto space = build_linear_space({fields}, grid, {{2, 2}, 1, 2}, {});
  const auto V = space.V.to(torch::kDouble);
  EXPECT_LT(largest(fields - V.mm(V.t().mm(fields))), 1e-5);
  EXPECT_LT(space.truncation, 1e-6);
}

TEST(SmoothPatterns, keep_long_waves_and_lose_short_ones) {
  const Grid grid = ring(64);
  const auto x = 2 * pi * torch::arange(64, torch::kDouble) / 64;
  const auto waves = torch::stack({(2 * x).cos(), (8 * x).cos(), (24 * x).cos()}, 1);
  const auto smooth = smooth_patterns(waves, grid, .25);  // half of k = 8 is left
  EXPECT_LT(largest(smooth.select(1, 0) - waves.select(1, 0)), 1e-4);
  EXPECT_LT(largest(smooth.select(1, 1) - .5 * waves.select(1, 1)), 1e-12);
  EXPECT_LT(largest(smooth.select(1, 2)), 1e-12);
  EXPECT_TRUE(smooth_patterns(waves, grid, 0).equal(waves));
}

TEST(SmoothPatterns, leave_parabolas_alone_between_walls) {
  const Grid grid = square(Boundary::wall, Boundary::open);
  const auto y = torch::arange(16, torch::kDouble).unsqueeze(1),
             x = torch::arange(24, torch::kDouble).unsqueeze(0);
  const auto parabola = torch::stack({y * y - 3 * x, 1 + 0 * y + x * x}).view({-1, 1});
  EXPECT_LT(largest(smooth_patterns(parabola, grid, .2) - parabola), 1e-7);
  const auto noise = draw(4, {grid.size(), 3});
  EXPECT_LT(smooth_patterns(noise, grid, .2).norm().item<double>(), .5 * noise.norm().item<double>());
}

TEST(StretchedPatterns, are_wider_and_narrower_about_their_middle) {
  const Grid grid = ring(200);
  const auto off = torch::arange(200, torch::kDouble) - 60;
  const auto bump = (-(off / 8).square()).exp().unsqueeze(1);
  const auto stretched = stretched_patterns(bump, grid);
  ASSERT_EQ(stretched.sizes(), at::IntArrayRef({200, 4}));
  for (const auto& [column, factor] : {std::pair{0, .85}, {1, .93}, {2, 1.07}, {3, 1.15}})
    EXPECT_LT(largest(stretched.select(1, column) - (-(factor * off / 8).square()).exp()), .01) << factor;
  EXPECT_TRUE(can_stretch(grid));
  EXPECT_FALSE(can_stretch(square(Boundary::wall, Boundary::open)));
}

// Of two periodic axes both, of others none; a pattern that lies across the seam stays whole.
TEST(StretchedPatterns, follow_each_axis_by_its_own) {
  const Grid grid = square(Boundary::wall, Boundary::periodic);
  auto field = torch::zeros({2, 16, 24}, torch::kDouble);
  field.slice(2, 23, 24).fill_(1);
  field.slice(2, 0, 2).fill_(1);
  const auto wide = stretched_patterns(field.view({-1, 1}), grid).select(1, 0).view({2, 16, 24});
  EXPECT_LT(largest(wide - wide.narrow(1, 0, 1)), 1e-12);  // the same in every row
  EXPECT_NEAR(wide[0][3][0].item<double>(), 1, 1e-12);
  EXPECT_GT(wide[0][3].sum().item<double>(), 3);
}

}  // namespace
}  // namespace msde
