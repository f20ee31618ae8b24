#include "msde/ops/orbits.hpp"

#include <gtest/gtest.h>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

Grid grid_with(const std::vector<std::string>& symmetry) {
  return {.channels = 2,
          .shape = {4, 4},
          .length = {1, 1},
          .boundary = {Boundary::wall, Boundary::wall},
          .axes = {"y", "x"},
          .symmetry = symmetry};
}

TEST(Orbits, invariant_part_is_an_orthogonal_projection_on_symmetric_fields) {
  for (const auto& symmetry : std::vector<std::vector<std::string>>{{},
                                                                    {"reflect y"},
                                                                    {"reflect y x"},
                                                                    {"swap y x"},
                                                                    {"swap y x reflect y"},
                                                                    {"reflect y", "swap y x"}}) {
    const Grid grid = grid_with(symmetry);
    const auto P = invariant_part(torch::eye(32, torch::kDouble), grid);
    EXPECT_TRUE(torch::allclose(P, P.t()));
    EXPECT_TRUE(torch::allclose(P.mm(P), P));
    EXPECT_NEAR(P.trace().item<double>(), static_cast<double>(invariant_size(grid)), 1e-12);
  }
  EXPECT_EQ(invariant_size(grid_with({"reflect y", "swap y x"})), 2 * 3);
  const Grid grid = grid_with({"reflect y", "swap y x"});
  const PointOrbits orbits(grid);
  const auto columns = invariant_part(normal({7, Stream::test, 1}, {3, 32}, torch::kDouble), grid).t();
  EXPECT_TRUE(torch::allclose(orbits.expanded(orbits.reduced(columns)), columns));
  EXPECT_TRUE(
      torch::allclose(orbits.reduced(columns).t().mm(orbits.reduced(columns)), columns.t().mm(columns)));
  const auto u = normal({7, Stream::test, 0}, {1, 32}, torch::kDouble);
  const auto v = invariant_part(u, grid_with({"reflect y", "swap y x"})).view({2, 4, 4});
  EXPECT_TRUE(torch::allclose(v, v.flip(1)));
  EXPECT_TRUE(torch::allclose(v, v.flip(2)));
  EXPECT_TRUE(torch::allclose(v, v.transpose(1, 2)));
}

TEST(Orbits, of_a_mask_count_fluid_alone) {
  Grid grid = grid_with({"reflect x"});
  std::vector<uint8_t> fluid(16, 1);
  fluid[0] = fluid[3] = 0;
  grid.mask = make_mask(fluid);
  EXPECT_TRUE(mask_is_invariant(grid));
  EXPECT_EQ(invariant_size(grid), 2 * 7);
  const PointOrbits orbits(grid);
  const auto columns = orbits.expanded(normal({7, Stream::test, 2}, {14, 2}, torch::kDouble));
  EXPECT_EQ(columns[0].abs().sum().item<double>() + columns[3].abs().sum().item<double>(), 0);
  EXPECT_TRUE(torch::allclose(invariant_part(columns.t(), grid).t(), columns));
  fluid[3] = 1;
  grid.mask = make_mask(fluid);
  EXPECT_FALSE(mask_is_invariant(grid));
}

}  // namespace
}  // namespace msde
