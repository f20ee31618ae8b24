#include "msde/scales/reduced_space.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "msde/core/files/test_folder.hpp"
#include "msde/scales/principal_modes.hpp"
#include "msde/tensor/hdf5_tensor.hpp"
#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

constexpr int64_t kPoints = 64;

Dataset dataset(const TestFolder& folder, const torch::Tensor& train, const torch::Tensor& val = {}) {
  auto file = hdf5::File::create(folder / "data.h5");
  for (const auto& [split, x] :
       {std::pair{"train", train}, {"val", val.defined() ? val : train.narrow(1, 0, 50)}}) {
    const int64_t N = x.size(0), T = x.size(1);
    const std::string name = split;
    write_tensor(file, name + "_x", x.to(torch::kFloat).contiguous());
    write_tensor(file, name + "_t", torch::arange(T, torch::kFloat).expand({N, T}).contiguous());
    write_tensor(file, name + "_mu", torch::zeros({N, 1}));
    write_tensor(file, name + "_f", torch::zeros({N, T, 1}));
  }
  file.close();
  return Dataset::open(folder / "data.h5");
}

ReducedSpaceOptions options(int64_t rank) {
  ReducedSpaceOptions o;
  o.n_zeta = {4};
  o.n_sigma = 1;
  o.rank = rank;
  return o;
}

double left_out(const ReducedSpace& space, const torch::Tensor& y) {  // relative to |y|
  const auto V = space.V.to(torch::kDouble);
  return ((y - V.matmul(V.t().matmul(y))).norm() / y.norm()).item<double>();
}

// Beyond 20480 snapshots every second one is read: the even ones of the first trajectory, the odd ones of the
// second. Each holds a pattern that the others lack.
TEST(ReducedSpace, of_more_snapshots_than_are_read_sees_every_trajectory_and_all_times) {
  const TestFolder folder;
  const int64_t T = 10300;
  const auto patterns = normal({3, Stream::test, 0}, {4, kPoints}, torch::kDouble);
  const auto even = torch::arange(T, torch::kDouble).remainder(2) == 0;
  const auto late = torch::arange(T, torch::kDouble) >= T - 4;
  const auto wave = torch::sin(.37 * torch::arange(T, torch::kDouble)) + 1.5;
  const auto in = [&](const torch::Tensor& when, int64_t k) {
    return (wave * when).unsqueeze(1) * patterns[k];
  };
  const auto train = torch::stack({in(even, 0) + in(~even, 3) + 5 * in(late & even, 2), in(~even, 1)});
  const auto space = build_reduced_space(dataset(folder, train.unsqueeze(2)), options(3), 0, 0);
  for (const int64_t seen : {0, 1, 2}) EXPECT_LT(left_out(space, patterns[seen]), 1e-5) << seen;
  EXPECT_GT(left_out(space, patterns[3]), .3);  // only where the spread does not read
}

// Three smooth patterns in few noisy snapshots: the basis is closer to them than POD modes as they are.
TEST(ReducedSpace, of_few_noisy_snapshots_takes_noise_off_its_modes) {
  const TestFolder folder;
  constexpr int64_t T = 60, n = 1024;
  constexpr double noise = .5;
  const auto x = torch::arange(n, torch::kDouble) / static_cast<double>(n);
  std::vector<torch::Tensor> rows;
  for (const double k : {11., 17., 23.})
    rows.push_back(torch::sin(2 * M_PI * k * x + k) * torch::exp(-8 * (x - .5).square()));
  const auto patterns = torch::stack(rows);
  const auto weights = 2 * normal({5, Stream::test, 0}, {2 * T, 3}, torch::kDouble);
  const auto all = weights.mm(patterns) + noise * normal({5, Stream::test, 1}, {2 * T, n}, torch::kDouble);
  const auto noisy = all.narrow(0, 0, T);
  const auto data = dataset(folder, noisy.reshape({1, T, 1, n}), all.narrow(0, T, T).reshape({1, T, 1, n}));
  const auto space = build_reduced_space(data, options(0), noise, 0);
  const RowBlocks snapshots = [&](const auto& visit) { visit(noisy.to(torch::kFloat)); };
  auto plain = space;
  const int64_t q = space.V.size(1) - space.rank;
  const auto Q = space.V.narrow(1, 0, q).to(torch::kDouble);
  plain.V = torch::cat({Q, principal_modes(snapshots, n, space.rank, 0, {Q}).modes}, 1).to(torch::kFloat);
  EXPECT_GE(space.rank, 3);
  EXPECT_LE(space.rank, 12);  // beyond three they are noise
  double now = 0, before = 0;
  for (int64_t k = 0; k < 3; ++k) now += left_out(space, patterns[k]), before += left_out(plain, patterns[k]);
  EXPECT_LT(now, .7 * before);
  EXPECT_EQ(build_reduced_space(data, options(5), noise, 0).rank, 5);  // as asked
}

TEST(ReducedSpace, chooses_the_rank_of_data_without_noise) {
  const TestFolder folder;
  const auto patterns = normal({3, Stream::test, 1}, {5, kPoints}, torch::kDouble);
  const auto train = normal({3, Stream::test, 2}, {2, 60, 5}, torch::kDouble).matmul(patterns);
  const auto space = build_reduced_space(dataset(folder, train.unsqueeze(2)), options(0), 0, 0);
  EXPECT_EQ(space.rank, 5);
  EXPECT_LT(space.truncation, 1e-5);
  const auto V = space.V.to(torch::kDouble);
  EXPECT_LT((V.t().matmul(V) - torch::eye(V.size(1), torch::kDouble)).abs().max().item<double>(), 1e-6);
}

}  // namespace
}  // namespace msde
