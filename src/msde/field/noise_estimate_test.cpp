#include "msde/field/noise_estimate.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <numbers>

#include "msde/core/files/hdf5.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

// Snapshots [T, n] as a dataset of one trajectory.
Dataset as_dataset(const std::string& path, const torch::Tensor& snapshots) {
  const auto x = snapshots.to(torch::kFloat).contiguous();
  const int64_t T = x.size(0), n = x.size(1);
  auto file = hdf5::File::create(path);
  file.write<float>("train_x", {1, T, 1, n}, {x.data_ptr<float>(), x.data_ptr<float>() + x.numel()});
  std::vector<float> t;
  for (int64_t i = 0; i < T; ++i) t.push_back(static_cast<float>(i));
  file.write<float>("train_t", {1, T}, t);
  file.close();
  return Dataset::open(path);
}

class NoiseEstimate : public testing::Test {
 protected:
  fs::path folder = fs::path(testing::TempDir()) / ("noise." + std::to_string(getpid()));
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }
  double estimate(const torch::Tensor& clean, double noise) {
    const auto noisy = clean + noise * normal({2, Stream::test, 0}, clean.sizes(), torch::kDouble);
    return estimate_noise_std(as_dataset((folder / "x.h5").string(), noisy));
  }
};

const auto x = torch::linspace(0, 1, 1000, torch::kDouble);
const auto t = torch::linspace(0, 1, 201, torch::kDouble).unsqueeze(1);

TEST_F(NoiseEstimate, WithinTenPerCentOnANarrowTravellingPulse) {
  // The narrowest pulse of wave_1d, width .01 = ten points.
  const auto offset = torch::remainder(x - t, 1.0);
  const auto clean = torch::exp(-(torch::minimum(offset, 1 - offset) / .01).square());
  for (const double noise : {.001, .01}) EXPECT_NEAR(estimate(clean, noise), noise, .1 * noise);
}

TEST_F(NoiseEstimate, WithinTenPerCentOnAWavePacket) {
  // Like kdv_1d: length 10, wavelength 2 and shorter.
  const auto clean = 2 * torch::cos(std::numbers::pi * 10 * (x - t)) * torch::exp(-(10 * x - 7.5).square()) +
                     torch::sin(200 * x - 30 * t);
  EXPECT_NEAR(estimate(clean, .01), .01, .001);
}

TEST_F(NoiseEstimate, TakesTheBestResolvedAxis) {
  // White in space (nothing is resolved there), smooth in time: time tells.
  const auto rough = normal({3, Stream::test, 0}, {1, 1000}, torch::kDouble) * torch::cos(t);
  EXPECT_NEAR(estimate(rough, .01), .01, .001);
  EXPECT_GT(noise_along(rough, 1), .3);
}

TEST_F(NoiseEstimate, IsNothingWithoutNoise) {
  const auto clean = torch::sin(6 * x - t);
  EXPECT_LT(estimate(clean, 0), 1e-6);                              // float32 rounding
  EXPECT_EQ(estimate(clean.slice(0, 0, 3).slice(1, 0, 5), .1), 0);  // too few points to tell
}

TEST(NoiseInTime, ThatIsNotEquallySpacedIsThatOfTheNoise) {
  const int64_t n = 60, count = 7;
  const auto spacing = .2 + 1.6 * uniform({5, Stream::test, 70}, {n, count}, torch::kDouble);
  const auto times = 1e4 + .01 * spacing.cumsum(1);
  const auto smooth =
      (5 * (times - 1e4)).sin().view({n, count, 1, 1}) + torch::linspace(0, 1, 40, torch::kDouble);
  const auto noisy = smooth + .02 * normal({5, Stream::test, 71}, {n, count, 1, 40}, torch::kDouble);
  EXPECT_NEAR(noise_in_time(noisy, times), .02, .002);
  EXPECT_LT(noise_in_time(smooth, times), 1e-5);
  const auto even = torch::arange(count, torch::kDouble).expand({n, count});
  EXPECT_NEAR(noise_in_time(noisy, even), noise_along(noisy, 1), 1e-9);
}

}  // namespace
}  // namespace msde
