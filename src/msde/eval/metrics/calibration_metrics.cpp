#include "msde/eval/metrics/calibration_metrics.hpp"

#include <cmath>
#include <limits>

#include "msde/eval/metrics/metrics.hpp"
#include "msde/eval/metrics/sort_members.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {

using torch::Tensor;

double crps_biased(const Tensor& members, const Tensor& truth) {
  // With A = mean_i |x_i - y| the fair score is A - G, and this one A - G (M - 1)/M.
  const double fair = crps_fair(members, truth), M = static_cast<double>(members.size(0));
  const double A = (members - truth).abs().mean(torch::kDouble).item<double>();
  return A - (A - fair) * (M - 1) / M;
}

std::vector<double> central_widths(const Tensor& members, const std::vector<double>& levels) {
  if (members.dim() < 1 || members.size(0) < 1)
    throw DataError("members: got shape " + shape_text(members.sizes()) + ", expected [M, B, T, C, *grid]");
  const int64_t M = members.size(0);
  const auto means = sorted_members(members.reshape({M, -1})).mean(1, false, torch::kDouble);
  std::vector<double> widths;
  for (const double level : levels) {
    const int64_t l = ranks_left_out(M + 1, level);
    widths.push_back(M + 1 <= 2 * l ? std::numeric_limits<double>::quiet_NaN()
                                    : (means[M - l] - means[l - 1]).item<double>());
  }
  return widths;
}

double reliability_index(const Tensor& rank_histogram) {
  const auto counts = rank_histogram.to(torch::kDouble);
  return (counts / counts.sum() - 1. / static_cast<double>(counts.numel())).abs().sum().item<double>();
}

}  // namespace msde
