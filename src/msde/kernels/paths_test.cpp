// Paths of dz = -a z, whose steps are known exactly, in buffers of exactly the sizes that are asked for.
#include <gtest/gtest.h>

#include <cmath>

#include "msde/kernels/rk4_path.hpp"
#include "msde/kernels/sra1_path.hpp"

namespace msde {
namespace {

class Damping : public DriftTermKernel {
 public:
  Damping(const float* a, int64_t n_z) : a_(a), n_z_(n_z) {}
  int64_t tape_width() const override { return n_z_; }
  int64_t scratch_size(int64_t) const override { return 0; }
  int64_t gradient_size() const override { return 1; }
  std::vector<float> transposed_weights() const override { return {}; }
  void forward(const StateBlock& states, float* dz, float* tape, float*) const override {
    for (int64_t i = 0; i < states.n * n_z_; ++i) dz[i] -= *a_ * (tape[i] = states.z[i]);
  }
  void backward(int64_t n, const float* tape, const Gradients& g, float*) const override {
    for (int64_t i = 0; i < n * n_z_; ++i) {
      g.z_gradient[i] -= *a_ * g.d[i];
      *g.parameters -= tape[i] * g.d[i];
    }
  }

 private:
  const float* a_;
  int64_t n_z_;
};

constexpr int64_t n = 3, n_z = 2, kFrames = 4, kSubsteps = 2, kSteps = (kFrames - 1) * kSubsteps;
constexpr float a = .8f, h = .25f, x = a * h;

DriftKernel damping(const float* factor) {
  DriftKernel drift;
  drift.terms = {std::make_shared<Damping>(factor, n_z)};
  drift.n_z = n_z;
  return drift;
}

std::vector<float> room(int64_t floats) {
  return std::vector<float>(static_cast<size_t>(floats));
}

const std::vector<float> z0 = {1, -2, .5f, 3, -1, .25f};  // [n, n_z]

TEST(Rk4Path, HasTheSeriesOfTheExponentialInEveryStep) {
  const Rk4PathKernel path = {damping(&a), {h, kFrames, kSubsteps}};
  auto z = room(n * kFrames * n_z), tape = room(n * path.tape_width()), scratch = room(path.scratch_size(n));
  path.forward({n, z0.data(), nullptr}, z.data(), tape.data(), scratch.data());
  const double R = 1 - x + x * x / 2 - x * x * x / 6 + x * x * x * x / 24;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k < kFrames; ++k)
      for (int64_t j = 0; j < n_z; ++j)
        EXPECT_NEAR(z[(i * kFrames + k) * n_z + j], std::pow(R, k * kSubsteps) * z0[i * n_z + j], 2e-6);

  auto without_tape = room(n * kFrames * n_z);
  path.forward({n, z0.data(), nullptr}, without_tape.data(), nullptr, scratch.data());
  EXPECT_EQ(without_tape, z);

  // Of the sum of all values of the last frame, by the initial state and by a.
  auto upstream = room(n * kFrames * n_z), to_z0 = room(n * n_z), to_a = room(1);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n_z; ++j) upstream[(i * kFrames + kFrames - 1) * n_z + j] = 1;
  path.backward(n, tape.data(), path.transposed_weights(), {upstream.data(), to_z0.data(), to_a.data()},
                scratch.data());
  double sum = 0;
  for (int64_t i = 0; i < n * n_z; ++i) {
    EXPECT_NEAR(to_z0[i], std::pow(R, kSteps), 2e-6);
    sum += z0[i];
  }
  const double slope = -(1 - x + x * x / 2 - x * x * x / 6) * h;  // dR/da
  EXPECT_NEAR(to_a[0], kSteps * std::pow(R, kSteps - 1) * slope * sum, 1e-5);
}

TEST(Sra1Path, WithoutNoiseIsTheMethodOfHeunAndRalston) {
  auto outside = room(0), L = room(n * (kSteps + 1) * n_z), noise = room(2 * kSteps * n * n_z);
  const Sra1PathKernel path = {damping(&a), {h, kFrames, kSubsteps}, n, outside.data(), L.data()};
  auto z = z0, frames = room(n * kFrames * n_z), scratch = room(path.scratch_size(n));
  path.advance({0, n, z.data(), frames.data()}, {0, kSteps, 2 * n * n_z, noise.data()}, scratch.data());
  for (int64_t i = 0; i < n * n_z; ++i) EXPECT_NEAR(z[i], std::pow(1 - x + x * x / 2, kSteps) * z0[i], 2e-6);
}

// Two members of three trajectories, in two stretches: without drift z is z0 and L times the sum of the draws.
TEST(Sra1Path, WithoutDriftAddsTheBrownianMotionOfItsTrajectory) {
  constexpr int64_t M = 2, B = n, per_step = 2 * M * B * n_z;
  const float nothing = 0;
  auto outside = room(0), L = room(B * (kSteps + 1) * n_z), noise = room(kSteps * per_step);
  for (int64_t b = 0; b < B; ++b)
    std::fill_n(L.begin() + b * (kSteps + 1) * n_z, (kSteps + 1) * n_z, static_cast<float>(b + 1));
  for (size_t i = 0; i < noise.size(); ++i)
    noise[i] = static_cast<float>(std::sin(1.3 * static_cast<double>(i)));
  const Sra1PathKernel path = {damping(&nothing), {h, kFrames, kSubsteps}, B, outside.data(), L.data()};
  auto z = room(M * B * n_z), frames = room(M * B * kFrames * n_z), scratch = room(path.scratch_size(M * B));
  for (const auto& [first, count] : {std::pair<int64_t, int64_t>{0, 2}, {2, kSteps - 2}})
    path.advance({0, M * B, z.data(), frames.data()},
                 {first, count, per_step, noise.data() + first * per_step}, scratch.data());
  for (int64_t m = 0; m < M; ++m)
    for (int64_t b = 0; b < B; ++b)
      for (int64_t j = 0; j < n_z; ++j) {
        double sum = 0;
        for (int64_t k = 0; k < kSteps; ++k) sum += noise[k * per_step + (2 * m * B + b) * n_z + j];
        EXPECT_NEAR(z[(m * B + b) * n_z + j], static_cast<double>(b + 1) * std::sqrt(h) * sum, 1e-5);
        EXPECT_EQ(frames[((m * B + b) * kFrames + kFrames - 1) * n_z + j], z[(m * B + b) * n_z + j]);
      }
}

}  // namespace
}  // namespace msde
