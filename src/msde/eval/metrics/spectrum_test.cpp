#include "msde/eval/metrics/spectrum.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

Tensor draw(uint64_t i, at::IntArrayRef shape) {
  return normal({41, Stream::test, i}, shape, torch::TensorOptions(torch::kDouble));
}

TEST(spectrum, groups_that_hold_every_mode_add_up_to_the_mean_square) {  // Plancherel
  const std::vector<std::vector<int64_t>> grids = {{16}, {17}, {1}, {6, 9}, {4, 3, 5}};
  for (const auto& grid : grids) {
    std::vector<int64_t> shape = {2, 3};
    shape.insert(shape.end(), grid.begin(), grid.end());
    const auto x = draw(0, shape);
    const auto p = power(x, static_cast<int64_t>(grid.size()));
    const auto square = x.flatten(2).pow(2).mean(-1);
    std::vector<double> length;
    for (size_t d = 0; d < grid.size(); ++d) length.push_back(1.5 + d);
    for (const auto& groups : {radial_shells(grid, length), log_bins(grid)})
      EXPECT_TRUE(torch::allclose(sum_of_groups(p, groups).sum(-1), square, 1e-12)) << grid.size();
  }
}

TEST(spectrum, a_wave_has_its_power_in_its_own_shell) {
  const auto s = torch::arange(32, torch::kDouble);
  const auto x = 3 * torch::cos(2 * M_PI * 5 * s / 32);
  const auto shells = radial_shells({32}, {.5});
  const auto sums = sum_of_groups(power(x, 1), shells);
  EXPECT_EQ(shells.count, 17);
  EXPECT_NEAR(shells.wavenumber[5], 2 * M_PI * 5 / .5, 1e-12);
  EXPECT_NEAR(sums[5].item<double>(), 4.5, 1e-12);  // mean of 9 cos^2
  EXPECT_NEAR(sums.sum().item<double>(), 4.5, 1e-12);
}

TEST(spectrum, shells_follow_the_lengths_and_not_the_indices) {
  // one wave along the long axis of twice the length: the shell of half the wavenumber
  const auto shells = radial_shells({8, 16}, {1, 2});
  const auto wave = torch::cos(2 * M_PI * torch::arange(8, torch::kDouble) / 8).unsqueeze(1).expand({8, 16});
  EXPECT_NEAR(sum_of_groups(power(wave, 2), shells)[2].item<double>(), .5, 1e-12);
}

// n = 16: first edge (2 pi/16) 8^(1/3) = mode 2 exactly, the second 8^(2/3): mode 4. A bin holds its lower
// edge.
TEST(spectrum, bins_of_the_well_hold_their_lower_edge) {
  const auto bins = log_bins({16});
  const auto sizes = torch::bincount(bins.group, {}, 3);
  EXPECT_TRUE(torch::equal(sizes, torch::tensor({3, 4, 9})));  // modes 0, +-1; +-2, +-3; +-4 .. -8
}

TEST(spectrum, shells_of_pdebench_are_one_quadrant) {
  EXPECT_EQ(pdebench_shells({16}).count, 9);
  const auto plane = pdebench_shells({6, 8});
  EXPECT_EQ(plane.count, 3);
  // 0 <= i < 3, 0 <= j < 4 with floor(sqrt(i^2 + j^2)) < 3: {00}, {01 10 11}, {02 12 20 21 22}
  const auto sizes = torch::bincount(plane.group, {}, 4);
  EXPECT_EQ(sizes[0].item<int64_t>(), 1);
  EXPECT_EQ(sizes[1].item<int64_t>(), 3);
  EXPECT_EQ(sizes[2].item<int64_t>(), 5);
}

}  // namespace
}  // namespace msde
