#include "msde/scales/find_symmetry.hpp"

#include <gtest/gtest.h>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/grid/symmetry.hpp"
#include "msde/ops/orbits.hpp"
#include "msde/scales/coarse_points.hpp"
#include "msde/scales/reduced_space.hpp"
#include "msde/scales/stencil.hpp"
#include "msde/tensor/hdf5_tensor.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;
constexpr int64_t kN = 16, kT = 40;

Grid square(const std::vector<std::string>& symmetry) {
  return {.shape = {kN, kN},
          .length = {1, 1},
          .boundary = {Boundary::open, Boundary::open},
          .axes = {"y", "x"},
          .symmetry = symmetry};
}

// Six patterns, symmetric as said, in random amounts; a dataset of them with noise.
Tensor symmetric_fields(const std::vector<std::string>& symmetry, uint64_t seed) {
  const auto patterns =
      invariant_part(normal({seed, Stream::test, 0}, {6, kN * kN}, torch::kDouble), square(symmetry));
  return normal({seed, Stream::test, 1}, {2 * kT, 6}, torch::kDouble).mm(patterns);
}
Dataset dataset(const TestFolder& folder, const Tensor& fields, double noise) {
  const auto x = fields + noise * normal({9, Stream::test, 2}, fields.sizes(), torch::kDouble);
  auto file = hdf5::File::create(folder / "data.h5");
  file.set_attribute("/", "boundary", std::string("open"));
  for (const std::string split : {"train", "val"}) {
    write_tensor(file, split + "_x", x.view({2, kT, 1, kN, kN}).to(torch::kFloat));
    write_tensor(file, split + "_t", torch::arange(kT, torch::kFloat).expand({2, kT}).contiguous());
    write_tensor(file, split + "_mu", torch::zeros({2, 1}));
    write_tensor(file, split + "_f", torch::zeros({2, kT, 1}));
  }
  file.close();
  return Dataset::open(folder / "data.h5");
}

std::vector<std::string> found(const Tensor& fields, double noise,
                               const std::vector<std::string>& asked = {"auto"}) {
  const TestFolder folder;
  return find_symmetry(dataset(folder, fields, noise), asked, {{4, 4}, {noise}}).words;
}
size_t group_size(const std::vector<std::string>& words) {
  return symmetry_group(square(words)).size();
}

TEST(FindSymmetry, finds_the_group_of_the_fields_with_noise_and_without) {
  for (const double noise : {0., .1, 1.}) {
    EXPECT_EQ(found(symmetric_fields({}, 1), noise), std::vector<std::string>{}) << noise;
    EXPECT_EQ(found(symmetric_fields({"reflect y"}, 2), noise), std::vector<std::string>{"reflect y"})
        << noise;
    EXPECT_EQ(found(symmetric_fields({"reflect y x"}, 3), noise), std::vector<std::string>{"reflect y x"})
        << noise;
    EXPECT_EQ(found(symmetric_fields({"swap y x"}, 4), noise), std::vector<std::string>{"swap y x"}) << noise;
    EXPECT_EQ(group_size(found(symmetric_fields({"swap y x reflect y"}, 5), noise)), 4u) << noise;
    EXPECT_EQ(group_size(found(symmetric_fields({"reflect y", "swap y x"}, 6), noise)), 8u) << noise;
  }
}

// A pattern that all snapshots share, a quarter of the noise of a value, breaks the symmetry and is seen.
TEST(FindSymmetry, sees_what_breaks_it_far_below_the_noise) {
  const auto fields = symmetric_fields({"reflect y"}, 7);
  const auto pattern = normal({7, Stream::test, 5}, {1, kN * kN}, torch::kDouble);
  const auto odd = pattern - invariant_part(pattern, square({"reflect y"}));
  const auto by = [&](double size) { return fields + size * odd / odd.square().mean().sqrt(); };
  EXPECT_EQ(found(by(.5), 1.), std::vector<std::string>{});
  EXPECT_EQ(found(by(1e-4), 0.), std::vector<std::string>{});
  EXPECT_EQ(found(by(.01), 1.).size(), 1u);  // which noise hides
}

TEST(FindSymmetry, takes_what_is_asked_for) {
  const auto fields = symmetric_fields({"reflect y"}, 8);
  EXPECT_EQ(found(fields, .1, {"none"}), std::vector<std::string>{});
  EXPECT_EQ(found(fields, .1, {"reflect x"}), std::vector<std::string>{"reflect x"});
  EXPECT_THROW(found(fields, .1, {"reflect z"}), ConfigError);
  const TestFolder folder;
  const auto data = dataset(folder, fields, .1);
  EXPECT_NE(find_symmetry(data, {"reflect x"}, {{4, 4}, {.1}}).brief.find("is lost"), std::string::npos);
  EXPECT_EQ(find_symmetry(data, {"reflect y"}, {{4, 4}, {.1}}).brief.find("is lost"), std::string::npos);
}

TEST(FindSymmetry, asymmetry_of_a_snapshot_is_told_from_noise) {
  const Grid grid = square({"reflect y"});
  const auto fields = symmetric_fields({"reflect y"}, 9)[0].view({1, kN, kN});
  const auto noise = .3 * normal({10, Stream::test, 0}, {1, kN, kN}, torch::kDouble);
  EXPECT_LT(asymmetry(fields, grid, {.3}).share, 1e-12);
  const auto noisy = asymmetry(fields + noise, grid, {.3});
  EXPECT_LT(noisy.share, noisy.most_of_noise);
  const auto broken = asymmetry(fields + 2 * noise, grid, {.3});
  EXPECT_GT(broken.share, broken.most_of_noise);
}

// The basis is symmetric, its coarse cells are those of one eighth, and D_zeta gives their values back.
TEST(FindSymmetry, the_reduced_space_of_symmetric_fields_is_symmetric) {
  const TestFolder folder;
  const std::vector<std::string> words = {"reflect y", "swap y x"};
  const auto data = dataset(folder, symmetric_fields(words, 11), .1).with_symmetry(words);
  const auto space = build_reduced_space(data, {.n_zeta = {4, 4}, .n_sigma = 1, .rank = 6}, .1, 0);
  const auto V = space.V.to(torch::kDouble);
  EXPECT_LT((invariant_part(V.t(), data.grid()).t() - V).abs().max().item<double>(), 1e-6);
  EXPECT_LT((V.t().mm(V) - torch::eye(V.size(1), torch::kDouble)).abs().max().item<double>(), 1e-6);
  EXPECT_EQ(carried_cells(data.grid(), {4, 4}).numel(), 3);
  EXPECT_EQ(V.size(1), 3 * 3 + 6);
  EXPECT_EQ(space.restriction.size(1), 3);
  const auto RS = space.restriction[1].to(torch::kDouble);
  const auto D = torch::linalg_solve(RS.mm(RS.t()), RS);
  EXPECT_LT((D.mm(RS.t()) - torch::eye(3, torch::kDouble)).abs().max().item<double>(), 1e-4);
  // Neighbours are the cells of that eighth, (0, 0), (0, 1) and (1, 1) of 4 x 4, which all others are like.
  const auto stencil = stencil_index({4, 4}, data.grid(), 1);
  EXPECT_EQ(stencil.size(0), 3);
  EXPECT_EQ(stencil[2].max().item<int64_t>(), 2);
  const std::vector<int64_t> around_the_middle(stencil[2].data_ptr<int64_t>(),
                                               stencil[2].data_ptr<int64_t>() + 9);
  EXPECT_EQ(around_the_middle, (std::vector<int64_t>{0, 1, 1, 1, 2, 2, 1, 2, 2}));
}

// Cells about the points of a periodic axis are only nearly images: of 12 points, 3 to a cell, 2 .. 4 and 7 .. 9 are solid.
// That leaves nothing of cell 1 and a third of cell 3, its image, which then carries what is alike in both.
TEST(FindSymmetry, under_a_mask_an_orbit_of_cells_is_carried_by_its_first_of_fluid) {
  std::vector<uint8_t> fluid(12, 1);
  for (const size_t point : {2, 3, 4, 7, 8, 9}) fluid[point] = 0;
  const Grid grid = {.shape = {12},
                     .length = {1},
                     .boundary = {Boundary::periodic},
                     .axes = {"x"},
                     .mask = make_mask(fluid),
                     .symmetry = {"reflect x"}};
  ASSERT_TRUE(mask_is_invariant(grid));
  EXPECT_TRUE(alike_cells(grid, {4}).equal(torch::tensor({0, 3, 2, 3}, torch::kLong)));
  EXPECT_TRUE(carried_cells(grid, {4}).equal(torch::tensor({0, 2, 3}, torch::kLong)));
  EXPECT_TRUE(stencil_index({4}, grid, 1)[0].equal(torch::tensor({2, 0, 2}, torch::kLong)));
}

}  // namespace
}  // namespace msde
