#include "msde/scales/local_modes.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/files/test_folder.hpp"
#include "msde/ops/orbits.hpp"
#include "msde/tensor/hdf5_tensor.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kPoints = 48, kCells = 6, kSigma = kPoints / kCells, kTaps = 2 * kSigma + 1,
                  kAll = 2 * kTaps, kEvery = 10;

// Patch by patch as its definition has it, with the basis I: every cell sees 17 weighted points of both
// channels of every tenth snapshot around its centre.
TEST(LocalModes, are_the_principal_modes_of_weighted_patches) {
  const TestFolder folder;
  const auto patterns = normal({7, Stream::test, 0}, {3, 2, kPoints}, torch::kDouble);
  const auto x =
      torch::einsum("ntk,kcp->ntcp", {normal({7, Stream::test, 1}, {2, 75, 3}, torch::kDouble), patterns})
          .to(torch::kFloat);
  auto file = hdf5::File::create(folder / "data.h5");
  write_tensor(file, "train_x", x.contiguous());
  write_tensor(file, "train_t", torch::arange(75, torch::kFloat).expand({2, 75}).contiguous());
  write_tensor(file, "train_mu", torch::zeros({2, 1}));
  write_tensor(file, "train_f", torch::zeros({2, 75, 1}));
  file.close();

  LocalModesOptions options;
  options.n_zeta = {kCells};
  options.per_cell = kAll;  // exact then; the leading ones are looked at
  for (const std::string boundary : {"periodic", "open"}) {
    const auto data = Dataset::open(folder / "data.h5", {.view = {.boundary = boundary}});
    const auto found = local_modes(data, torch::eye(2 * kPoints), options, 0);

    const bool periodic = boundary == "periodic";
    const auto point = [&](int64_t cell, int64_t tap) {
      return cell * kSigma + (periodic ? 0 : kSigma / 2) + tap - kSigma;
    };
    const auto weight = [&](int64_t cell, int64_t tap) {
      const bool inside = periodic || (point(cell, tap) >= 0 && point(cell, tap) < kPoints);
      return inside ? std::pow(std::cos(M_PI / 2 * static_cast<double>(tap - kSigma) / kSigma), 2) : 0.;
    };
    const auto at = [&](int64_t cell, int64_t tap) {
      return periodic ? (point(cell, tap) + kPoints) % kPoints
                      : std::clamp<int64_t>(point(cell, tap), 0, kPoints - 1);
    };
    std::vector<double> patches;
    for (int64_t n = 0; n < 2; ++n)
      for (int64_t t = 0; t < 75; t += kEvery)
        for (int64_t j = 0; j < kCells; ++j)
          for (int64_t c = 0; c < 2; ++c)
            for (int64_t k = 0; k < kTaps; ++k)
              patches.push_back(weight(j, k) * x[n][t][c][at(j, k)].item<double>());
    const int64_t rows = static_cast<int64_t>(patches.size()) / (2 * kTaps);
    const auto A = torch::tensor(patches, torch::kDouble).view({rows, 2 * kTaps});
    const auto [U, S, Vh] = torch::linalg_svd(A, /*full_matrices=*/false);

    EXPECT_NEAR(found.scale, S[0].item<double>() / std::sqrt(static_cast<double>(rows)), 1e-5);
    ASSERT_EQ(found.modes.sizes(), at::IntArrayRef({kCells * kAll, 2 * kPoints}));
    for (int64_t q = 0; q < 4; ++q) {
      double product = 0, norm = 0;  // with the mode of the decomposition, whose sign is free
      for (int64_t j = 0; j < kCells; ++j)
        for (int64_t c = 0; c < 2; ++c)
          for (int64_t k = 0; k < kTaps; ++k) {
            const double expected = Vh[q][c * kTaps + k].item<double>();
            product += expected * found.modes[j * kAll + q][c * kPoints + at(j, k)].item<double>() *
                       (weight(j, k) != 0 ? 1 : 0);
            norm += weight(j, k) != 0 ? expected * expected : 0;
          }
      EXPECT_NEAR(std::abs(product) / norm, 1, 1e-4) << q;
    }
  }
}

// Patches of the cells that carry unknowns stand for their images: with all their modes they add up to the field, as those
// of all cells do, away from the ends, where windows are cut.
TEST(LocalModes, of_symmetric_fields_add_up_to_the_field) {
  const TestFolder folder;
  constexpr int64_t n = 42, cells = 6, sigma = 7;
  Grid grid = {
      .shape = {n}, .length = {1}, .boundary = {Boundary::open}, .axes = {"x"}, .symmetry = {"reflect x"}};
  const auto x = invariant_part(normal({8, Stream::test, 0}, {100, n}, torch::kFloat), grid);
  auto file = hdf5::File::create(folder / "data.h5");
  file.set_attribute("/", "boundary", std::string("open"));
  write_tensor(file, "train_x", x.view({1, 100, 1, n}));
  write_tensor(file, "train_t", torch::arange(100, torch::kFloat).view({1, 100}));
  file.close();
  const auto data = Dataset::open(folder / "data.h5").with_symmetry(grid.symmetry);
  const auto found = local_modes(data, torch::eye(n), {{cells}, 2 * sigma + 1}, 0);
  ASSERT_EQ(found.modes.size(0) % 3, 0);
  const int64_t q = found.modes.size(0) / 3;
  const auto y = x[3];
  auto sum = torch::zeros({1, n});
  for (int64_t j = 0; j < 3; ++j) {
    const auto placed = found.modes.narrow(0, j * q, q) / 2;  // two cells are alike
    for (int64_t k = 0; k < q; ++k) {
      double coefficient = 0;
      for (int64_t tap = -sigma; tap <= sigma; ++tap) {
        const int64_t i = j * sigma + sigma / 2 + tap;
        if (i < 0 || i >= n) continue;
        const double window = std::pow(std::cos(M_PI / 2 * static_cast<double>(tap) / sigma), 2);
        coefficient += window * (y[i] * placed[k][i]).item<double>();
      }
      sum += coefficient * found.modes[j * q + k];
    }
  }
  const auto inside = [](const torch::Tensor& u) { return u.narrow(-1, sigma, n - 2 * sigma); };
  EXPECT_LT((inside(invariant_part(sum, grid)[0]) - inside(y)).abs().max().item<double>(), 1e-4);
}

}  // namespace
}  // namespace msde
