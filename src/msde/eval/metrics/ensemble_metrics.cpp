// Scores of ensembles. They walk over blocks of values, so extra memory stays near 100 MiB whatever the
// ensemble.
#include <cmath>

#include "msde/core/random/random.hpp"
#include "msde/eval/metrics/metrics.hpp"
#include "msde/eval/metrics/sort_members.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {
namespace {

using torch::Tensor;

constexpr int64_t block_values = int64_t{1} << 22;  // members times points of one block

void check_ensemble(const Tensor& members, const Tensor& truth, int64_t fewest) {
  auto expected = truth.sizes().vec();
  expected.insert(expected.begin(), any_size);
  check_shape("members", members, expected);
  if (members.size(0) < fewest)
    throw DataError("members: got an ensemble of " + std::to_string(members.size(0)) +
                    ", expected at least " + std::to_string(fewest));
}

// Calls visit(x [M, n], y [n], first flat index) for blocks of the values of `truth` in C order.
template <class Visit>
void for_each_block(const Tensor& members, const Tensor& truth, Visit visit) {
  const int64_t M = members.size(0), N = truth.numel();
  const auto x = members.reshape({M, N});  // a view of contiguous members
  const auto y = truth.reshape({N});
  const int64_t length = std::max<int64_t>(1, block_values / std::max<int64_t>(1, M));
  for (int64_t first = 0; first < N; first += length) {
    const int64_t n = std::min(length, N - first);
    visit(x.narrow(1, first, n), y.narrow(0, first, n), first);
  }
}

double total_of(const Tensor& values) {
  return values.sum(torch::kDouble).item<double>();
}

}  // namespace

double crps_fair(const Tensor& members, const Tensor& truth) {
  check_ensemble(members, truth, 1);
  const int64_t M = members.size(0);
  // weight of the i-th smallest member, i = 1..M
  const auto w = (2 * torch::arange(1, M + 1, torch::kDouble) - M - 1) / std::max<int64_t>(1, M * (M - 1));
  double total = 0;
  for_each_block(members, truth, [&](const Tensor& x, const Tensor& y, int64_t) {
    total += total_of((x - y).abs()) / M;
    total -= torch::dot(w, sorted_members(x).sum(1, false, torch::kDouble)).item<double>();
  });
  return total / truth.numel();
}

namespace {

// Sum of |x_i - x_j| over i < j for rows x [M, n], from scalar products: one matrix product instead of M^2
// passes. Measured from the ensemble mean, so that the squares subtracted are of the size of the distances
// themselves.
double sum_of_distances(const Tensor& x) {
  const auto centred = x - x.mean(0);
  const auto products = torch::mm(centred, centred.t()), squares = products.diagonal();
  const auto distances = (squares.unsqueeze(0) + squares.unsqueeze(1) - 2 * products).clamp_min(0).sqrt();
  return total_of(distances.triu(1));
}

}  // namespace

double energy_score(const Tensor& members, const Tensor& truth) {
  check_ensemble(members, truth, 1);
  const int64_t M = members.size(0);
  double total = 0;
  for (int64_t b = 0; b < truth.size(0); ++b)
    for (int64_t t = 0; t < truth.size(1); ++t) {
      const auto x = members.select(1, b).select(1, t).flatten(1).to(torch::kDouble);
      const auto y = truth[b][t].flatten().to(torch::kDouble);
      total += total_of((x - y).norm(2, 1)) / M;
      if (M > 1) total -= sum_of_distances(x) / (M * (M - 1));
    }
  return total / (truth.size(0) * truth.size(1));
}

SpreadSkill spread_skill(const Tensor& members, const Tensor& truth) {
  check_ensemble(members, truth, 2);
  SpreadSkill result{0, 0, members.size(0)};
  for_each_block(members, truth, [&](const Tensor& x, const Tensor& y, int64_t) {
    const auto from_first = x - x[0];  // of the size of the spread, so that rounding is not counted as spread
    const auto mean = from_first.mean(0);
    result.variance += total_of((from_first - mean).square_()) / static_cast<double>(x.size(0) - 1);
    result.squared_error += total_of((mean + (x[0] - y)).square_());
  });
  result.variance /= truth.numel();
  result.squared_error /= truth.numel();
  return result;
}

double SpreadSkill::ssr_adjusted() const {
  return std::sqrt((members + 1.) / members * variance / squared_error);
}

Tensor rank_histogram(const Tensor& members, const Tensor& truth, uint64_t seed) {
  check_ensemble(members, truth, 1);
  const int64_t M = members.size(0);
  auto counts = torch::zeros({M + 1}, torch::kLong);
  for_each_block(members, truth, [&](const Tensor& x, const Tensor& y, int64_t first) {
    auto rank = (x < y).sum(0).to(torch::kCPU);
    const auto ties = (x == y).sum(0).to(torch::kCPU);
    const auto tied = ties.nonzero().flatten();
    for (int64_t i = 0; i < tied.numel(); ++i) {
      const int64_t at = tied.data_ptr<int64_t>()[i];
      rank.data_ptr<int64_t>()[at] +=
          uniform_integer({seed, Stream::rank_ties, 0}, first + at, 0, ties.data_ptr<int64_t>()[at]);
    }
    counts += torch::bincount(rank, {}, M + 1);
  });
  return counts;
}

int64_t ranks_left_out(int64_t ranks, double level) {
  if (!(level > 0 && level < 1))
    throw ConfigError("coverage: got level " + std::to_string(level) +
                      ", expected a fraction between 0 and 1");
  // Rounding to nearest: (1 - 0.9) * 40 / 2 is not exactly 2 in floating point.
  return std::max<int64_t>(1, std::llround((1 - level) * static_cast<double>(ranks) / 2));
}

double coverage_of_ranks(const Tensor& rank_histogram, double level) {
  const int64_t ranks = rank_histogram.size(0), l = ranks_left_out(ranks, level);  // ranks = M + 1
  if (ranks <= 2 * l) return 0;
  const auto inside = rank_histogram.slice(0, l, ranks - l).sum().item<int64_t>();
  return static_cast<double>(inside) / rank_histogram.sum().item<int64_t>();
}

}  // namespace msde
