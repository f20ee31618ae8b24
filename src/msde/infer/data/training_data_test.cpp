#include "msde/infer/data/training_data.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/files/test_folder.hpp"
#include "msde/tensor/hdf5_tensor.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kN = 3, kT = 600, kPoints = 64, kSize = 10;
constexpr double kNoise = .1;

// Slow waves in a subspace, and noise.
struct Waves {
  TestFolder folder;
  torch::Tensor basis, truth;  // [points, size], [N, T, size]
  std::string path = folder / "data.h5";

  Waves() {
    basis = std::get<0>(torch::linalg_qr(normal({8, Stream::test, 0}, {kPoints, kSize}, torch::kDouble)));
    const auto t = torch::linspace(0, 6, kT, torch::kDouble).view({1, kT, 1});
    const auto frequency = torch::linspace(1, 3, kN * kSize, torch::kDouble).view({kN, 1, kSize});
    truth = torch::sin(frequency * t);
    const auto noise = kNoise * normal({8, Stream::test, 1}, {kN, kT, kPoints}, torch::kDouble);
    auto file = hdf5::File::create(path);
    write_tensor(file, "train_x",
                 (truth.matmul(basis.t()) + noise).to(torch::kFloat).unsqueeze(2).contiguous());
    write_tensor(file, "train_t", torch::arange(kT, torch::kFloat).expand({kN, kT}).contiguous());
    write_tensor(file, "train_mu", torch::zeros({kN, 1}));
    write_tensor(file, "train_f", torch::zeros({kN, kT, 1}));
  }

  TrainingData with(const MemoryPlan& memory) const {
    Coordinates coordinates(kPoints, kSize);
    coordinates->set_basis(basis.to(torch::kFloat));
    return {Dataset::open(path, {.memory = memory}), "train", coordinates};
  }
};

TrainingData::Gathered all_of(const TrainingData& data) {
  return data.gather(torch::arange(kN, torch::kLong), torch::arange(kT, torch::kLong).expand({kN, kT}));
}

double rms(const torch::Tensor& x) {
  return std::sqrt(x.to(torch::kDouble).square().mean().item<double>());
}

TEST(TrainingData, is_denoised_alike_in_memory_and_in_a_file_piece_by_piece) {
  const Waves waves;
  MemoryPlan enough, little;
  enough.coefficient_bytes = kN * kT * kSize * 4;
  little.coefficient_bytes = enough.coefficient_bytes - 1;  // a temporary file ..
  little.block_bytes = 4 * kSize * kT / 3;                  // .. smoothed a third of the time at a time
  auto whole = waves.with(enough), pieces = waves.with(little);
  const double before = rms(all_of(whole).a - waves.truth),
               off = all_of(whole).off_norm2.mean().item<double>();
  EXPECT_NEAR(before, kNoise, .1 * kNoise);
  EXPECT_NEAR(off, (kPoints - kSize) * kNoise * kNoise, .05 * off);

  const auto line = whole.denoise(kNoise);
  EXPECT_EQ(line, pieces.denoise(kNoise));
  EXPECT_NE(line.find("smoothed in time"), std::string::npos) << line;
  EXPECT_LT(rms(all_of(whole).a - all_of(pieces).a), 1e-6);
  EXPECT_LT(rms(all_of(whole).a - waves.truth), .3 * before);
  EXPECT_EQ(whole.input_noise(), kNoise);
  // What the likelihood expects of noisy data: the noise that was taken away counts as lying off the basis.
  EXPECT_NEAR(all_of(whole).off_norm2.mean().item<double>(), kPoints * kNoise * kNoise, .05 * off);
}

}  // namespace
}  // namespace msde
