#include "msde/scales/denoise_patterns.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

using torch::Tensor;

Grid plane(int64_t ny, int64_t nx, AxisEnds y = Boundary::periodic) {
  return {.channels = 2,
          .shape = {ny, nx},
          .length = {1, 1},
          .boundary = {y, Boundary::periodic},
          .axes = {"y", "x"}};
}

Tensor noise_on(const Grid& grid, int64_t columns, uint64_t seed) {
  return normal({seed, Stream::test, 0}, {grid.size(), columns}, torch::kDouble);
}

// [2 * ny * nx, 1]: a wave in both channels.
Tensor wave(int64_t ny, int64_t nx, double ky, double kx) {
  const auto y = torch::arange(ny, torch::kDouble).view({-1, 1}) * (2 * M_PI * ky / static_cast<double>(ny));
  const auto x = torch::arange(nx, torch::kDouble) * (2 * M_PI * kx / static_cast<double>(nx));
  return torch::sin(y + x).flatten().repeat({2}).unsqueeze(1);
}

double spread(const Tensor& x) {
  return x.square().mean().sqrt().item<double>();
}

TEST(DenoisePatterns, WithoutNoiseAreWhatTheyWere) {
  const auto x = noise_on(plane(24, 40), 3, 1);
  EXPECT_LT((denoise_patterns(x, torch::zeros({2, 3}, torch::kDouble), plane(24, 40)) - x)
                .abs()
                .max()
                .item<double>(),
            1e-12);
}

TEST(DenoisePatterns, OfNoiseAloneLittleIsLeft) {
  const auto grid = plane(48, 64, Boundary::wall);
  const auto noise = torch::tensor({.1, 3., .2, .5}, torch::kDouble).view({2, 2});  // [channel, column]
  const auto values = (noise_on(grid, 2, 2).view({2, -1, 2}) * noise.unsqueeze(1)).view({-1, 2});
  const auto left = denoise_patterns(values, noise, grid).view({2, -1, 2});
  for (int64_t c = 0; c < 2; ++c)
    for (int64_t k = 0; k < 2; ++k)
      EXPECT_LT(spread(left[c].select(1, k)), .25 * noise[c][k].item<double>()) << c << k;
}

TEST(DenoisePatterns, ChannelsWithoutNoiseStay) {
  const auto grid = plane(24, 40);
  const auto x = noise_on(grid, 1, 7), noise = torch::tensor({0., 1.}, torch::kDouble).view({2, 1});
  const auto y = denoise_patterns(x, noise, grid);
  EXPECT_LT((y - x).view({2, -1})[0].abs().max().item<double>(), 1e-12);
  EXPECT_LT(spread(y.view({2, -1})[1]), .25);
}

TEST(DenoisePatterns, OfManyColumnsAreThoseOfEach) {
  const auto grid = plane(24, 40);
  const auto x = noise_on(grid, 40, 8), noise = uniform({8, Stream::test, 1}, {2, 40}).to(torch::kDouble);
  const auto all = denoise_patterns(x, noise, grid);
  for (const int64_t k : {0, 15, 16, 39})
    EXPECT_LT((denoise_patterns(x.narrow(1, k, 1), noise.narrow(1, k, 1), grid) - all.narrow(1, k, 1))
                  .abs()
                  .max()
                  .item<double>(),
              1e-12);
}

TEST(DenoisePatterns, KeepWhatVariesSmoothlyAndWhatStandsOut) {
  const auto grid = plane(48, 64);
  auto pattern = wave(48, 64, 2, 3);
  pattern.view({2, 48, 64}).slice(1, 20, 26).slice(2, 30, 36) +=
      6 * torch::sign(torch::randn({6, 6}, torch::kDouble));
  const auto noise = torch::full({2, 1}, .3, torch::kDouble);
  const auto error = denoise_patterns(pattern + .3 * noise_on(grid, 1, 3), noise, grid) - pattern;
  EXPECT_LT(spread(error), .15);  // half of the noise
  // A pattern without noise that is asked to lose some keeps its shape.
  EXPECT_LT(spread(denoise_patterns(wave(48, 64, 1, 1), noise, grid) - wave(48, 64, 1, 1)), .06);
}

TEST(DenoisePatterns, MoveWithThePatternAlongPeriodicAxes) {
  const auto grid = plane(24, 40);
  const auto x = wave(24, 40, 1, 2) + .2 * noise_on(grid, 1, 4);
  const auto moved = [](const Tensor& t) {
    return t.view({2, 24, 40}).roll({5, 7}, {1, 2}).reshape({-1, 1});
  };
  const auto noise = torch::full({2, 1}, .2, torch::kDouble);
  EXPECT_LT((denoise_patterns(moved(x), noise, grid) - moved(denoise_patterns(x, noise, grid)))
                .abs()
                .max()
                .item<double>(),
            1e-12);
}

TEST(DenoisePatterns, AreZeroInABodyAndLeaveShortAxesAlone) {
  auto grid = plane(24, 40);
  std::vector<uint8_t> fluid(24 * 40, 1);
  fluid[100] = 0;
  grid.mask = make_mask(fluid);
  const auto noise = torch::full({2, 1}, .2, torch::kDouble);
  EXPECT_EQ(denoise_patterns(noise_on(grid, 1, 5), noise, grid)[100].item<double>(), 0);
  const auto narrow = plane(4, 40), small = plane(4, 8);
  EXPECT_LT(spread(denoise_patterns(.2 * noise_on(narrow, 1, 6), noise, narrow)), .1);  // along the long one
  const auto x = noise_on(small, 1, 6);
  EXPECT_TRUE(torch::equal(denoise_patterns(x, noise, small), x));
}

}  // namespace
}  // namespace msde
