#include "msde/eval/comparison/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "msde/eval/comparison/over_seeds.hpp"

namespace msde {
PooledScore pool(const std::vector<MeanStd>& per_seed) {
  PooledScore pooled;
  double square = 0;
  for (const auto& one : per_seed) {
    pooled.seeds.push_back(one.mean);
    square += (one.std * one.std + one.mean * one.mean) / static_cast<double>(per_seed.size());
  }
  pooled.mean = mean_of(pooled.seeds);
  const double variance = square - pooled.mean * pooled.mean;
  pooled.std = std::isnan(variance) ? variance : std::sqrt(std::max(0., variance));
  return pooled;
}

std::vector<Standing> standings(const ComparisonRow& learned, const std::vector<ComparisonRow>& rows) {
  const auto mean_errors = [](const ComparisonRow& row, auto errors) {
    std::vector<std::vector<double>> per_seed;
    for (const auto& outcome : row.outcomes) per_seed.push_back(errors(outcome.evaluation));
    return mean_of(per_seed);
  };
  const auto noisy = [](const Evaluation& e) { return e.rel_l2_per_trajectory; };
  const auto clean = [](const Evaluation& e) { return e.rel_l2_clean_per_trajectory; };
  std::vector<Standing> result;
  for (const auto& other : rows) {
    if (!is_whole(other) || !is_whole(learned) ||
        (other.name == learned.name && other.variant == learned.variant))
      continue;
    Standing standing;
    standing.row = other.name + (other.variant.empty() ? "" : " (" + other.variant + ")");
    const int64_t block = other.outcomes[0].evaluation.starts_per_block;
    standing.rel_l2 = paired_bootstrap(mean_errors(learned, noisy), mean_errors(other, noisy), block);
    if (other.outcomes[0].evaluation.rel_l2_clean)
      standing.rel_l2_clean = paired_bootstrap(mean_errors(learned, clean), mean_errors(other, clean), block);
    result.push_back(standing);
  }
  return result;
}

std::optional<int64_t> preferred_n_eta(const MicroSizes& sizes) {
  std::optional<int64_t> best;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& size : sizes.sizes) {
    if (size.outcomes.empty() || size.status != "ok") continue;
    const double error = mean_of(
        over_seeds(size.outcomes, [](const Outcome& o) { return o.validation_rel_l2.value_or(INFINITY); }));
    if (error < least) least = error, best = size.n_eta;
  }
  return best;
}

}  // namespace msde
