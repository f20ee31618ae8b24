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

// Frames first_frame .. of all B T, points first_point .. of all n of a frame.
struct MemberBlock {
  Tensor x, y;  // [M, f, p], [f, p]
  int64_t first_frame, first_point;

  int64_t members() const { return x.size(0); }
  int64_t frames() const { return y.size(0); }
  Tensor of(const Tensor& per_frame) const { return per_frame.narrow(0, first_frame, frames()); }
};

// Calls visit(block) for blocks of whole frames, or of parts of one frame where it is larger than a block.
template <class Visit>
void for_each_block(const Tensor& members, const Tensor& truth, Visit visit) {
  const int64_t M = members.size(0), frames = truth.size(0) * truth.size(1);
  const int64_t n = truth.numel() / std::max<int64_t>(1, frames);
  const auto x = members.reshape({M, frames, n});  // a view of contiguous members
  const auto y = truth.reshape({frames, n});
  const int64_t values = std::max<int64_t>(1, block_values / M);
  const int64_t at_once = std::max<int64_t>(1, values / std::max<int64_t>(1, n)),
                points = std::min(n, values);
  for (int64_t frame = 0; frame < frames; frame += at_once)
    for (int64_t point = 0; point < n; point += points) {
      const int64_t f = std::min(at_once, frames - frame), p = std::min(points, n - point);
      const auto cut = [&](const Tensor& z, int64_t axis) {
        return z.narrow(axis, frame, f).narrow(axis + 1, point, p);
      };
      visit(MemberBlock{cut(x, 1), cut(y, 0), frame, point});
    }
}

Tensor zeros_per_frame(const Tensor& truth, std::vector<int64_t> more = {}) {
  more.insert(more.begin(), truth.size(0) * truth.size(1));
  return torch::zeros(more, torch::kDouble);
}

// [B T, ..] -> [B, T, ..]
Tensor by_trajectory(const Tensor& per_frame, const Tensor& truth) {
  auto shape = per_frame.sizes().vec();
  shape[0] = truth.size(0);
  shape.insert(shape.begin() + 1, truth.size(1));
  return per_frame.view(shape);
}

double values_per_frame(const Tensor& truth) {
  return static_cast<double>(truth[0][0].numel());
}

}  // namespace

Tensor crps_fair_per_frame(const Tensor& members, const Tensor& truth) {
  check_ensemble(members, truth, 1);
  const int64_t M = members.size(0);
  // weight of the i-th smallest member, i = 1..M
  const auto w = (2 * torch::arange(1, M + 1, torch::kDouble) - M - 1) / std::max<int64_t>(1, M * (M - 1));
  auto total = zeros_per_frame(truth);
  for_each_block(members, truth, [&](const MemberBlock& b) {
    const auto errors = (b.x - b.y).abs_().sum(2, false, torch::kDouble).sum(0) / static_cast<double>(M);
    const auto sorted = sorted_members(b.x.reshape({M, -1})).view({M, b.frames(), -1});
    b.of(total) += (errors - torch::mv(sorted.sum(2, false, torch::kDouble).t(), w)).cpu();
  });
  return by_trajectory(total / values_per_frame(truth), truth);
}

double crps_fair(const Tensor& members, const Tensor& truth) {
  return crps_fair_per_frame(members, truth).mean().item<double>();
}

namespace {

// Sums [f] of |x_i - x_j| over i < j for members x [f, M, n], from scalar products: one matrix product instead
// of M^2 passes. Measured from the ensemble mean, so that the squares subtracted are of the size of the
// distances themselves.
Tensor sums_of_distances(const Tensor& x) {
  const auto centred = x - x.mean(1, true);
  const auto products = torch::bmm(centred, centred.transpose(1, 2)), squares = products.diagonal(0, 1, 2);
  const auto distances = (squares.unsqueeze(1) + squares.unsqueeze(2) - 2 * products).clamp_min(0).sqrt();
  return distances.triu(1).sum(c10::IntArrayRef{1, 2});
}

}  // namespace

Tensor energy_score_per_frame(const Tensor& members, const Tensor& truth) {
  check_ensemble(members, truth, 1);
  const int64_t M = members.size(0), frames = truth.size(0) * truth.size(1);
  const int64_t n = truth.numel() / std::max<int64_t>(1, frames);
  const auto x = members.reshape({M, frames, n}), y = truth.reshape({frames, 1, n});
  const int64_t at_once = std::max<int64_t>(1, block_values / (8 * M * std::max(M, n)));
  auto scores = zeros_per_frame(truth);
  for (int64_t frame = 0; frame < frames; frame += at_once) {
    const int64_t f = std::min(at_once, frames - frame);
    const auto of_frames = x.narrow(1, frame, f).to(torch::kDouble).transpose(0, 1);  // [f, M, n]
    auto score = (of_frames - y.narrow(0, frame, f)).norm(2, 2).sum(1) / static_cast<double>(M);
    if (M > 1) score -= sums_of_distances(of_frames) / static_cast<double>(M * (M - 1));
    scores.narrow(0, frame, f).copy_(score);
  }
  return by_trajectory(scores, truth);
}

Tensor spread_skill_per_frame(const Tensor& members, const Tensor& truth) {
  check_ensemble(members, truth, 2);
  auto total = zeros_per_frame(truth, {2});
  const auto sum = [](const Tensor& squares) { return squares.sum(-1, false, torch::kDouble); };
  for_each_block(members, truth, [&](const MemberBlock& b) {
    const auto from_first = b.x - b.x[0];  // of the size of the spread: rounding is not counted as spread
    const auto mean = from_first.mean(0);
    const auto variance = sum((from_first - mean).square_()).sum(0) / static_cast<double>(b.members() - 1);
    b.of(total) += torch::stack({variance, sum((mean + (b.x[0] - b.y)).square_())}, 1).cpu();
  });
  return by_trajectory(total / values_per_frame(truth), truth);
}

double SpreadSkill::ssr_adjusted() const {
  return std::sqrt((members + 1.) / members * variance / squared_error);
}

Tensor ranks_per_frame(const Tensor& members, const Tensor& truth, const std::vector<uint64_t>& seeds) {
  check_ensemble(members, truth, 1);
  const int64_t ranks = members.size(0) + 1;
  auto counts = torch::zeros({truth.size(0) * truth.size(1), ranks}, torch::kLong);
  TORCH_CHECK(static_cast<int64_t>(seeds.size()) == counts.size(0), "one seed per frame");
  for_each_block(members, truth, [&](const MemberBlock& b) {
    const int64_t points = b.y.size(1);
    auto rank = (b.x < b.y).sum(0).to(torch::kCPU).contiguous();
    const auto ties = (b.x == b.y).sum(0).to(torch::kCPU).contiguous(), tied = ties.view(-1).nonzero();
    const auto* places = tied.data_ptr<int64_t>();
    for (int64_t i = 0; i < tied.size(0); ++i) {
      const int64_t at = places[i], frame = b.first_frame + at / points, point = b.first_point + at % points;
      rank.data_ptr<int64_t>()[at] += uniform_integer(
          {seeds[static_cast<size_t>(frame)], Stream::rank_ties, 0}, point, 0, ties.data_ptr<int64_t>()[at]);
    }
    const auto of_frame = rank + ranks * torch::arange(b.frames(), torch::kLong).unsqueeze(1);
    b.of(counts) += torch::bincount(of_frame.view(-1), {}, b.frames() * ranks).view({-1, ranks});
  });
  return by_trajectory(counts, truth);
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
