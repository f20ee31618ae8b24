#include "msde/eval/metrics/calibration_metrics.hpp"

#include <cmath>

#include "msde/eval/metrics/metrics.hpp"
#include "msde/eval/metrics/sort_members.hpp"
#include "msde/tensor/checks.hpp"

namespace msde {

using torch::Tensor;

Tensor crps_biased_per_frame(const Tensor& members, const Tensor& truth, const Tensor& fair) {
  // With A = mean_i |x_i - y| the fair score is A - G, and this one A - G (M - 1)/M.
  const auto M = static_cast<double>(members.size(0));
  const auto A = (members - truth).abs_().flatten(3).mean(c10::IntArrayRef{0, 3}, false, torch::kDouble);
  return A - (A - fair) * (M - 1) / M;
}

double crps_biased(const Tensor& members, const Tensor& truth) {
  return crps_biased_per_frame(members, truth, crps_fair_per_frame(members, truth)).mean().item<double>();
}

Tensor central_widths_per_frame(const Tensor& members, const std::vector<double>& levels) {
  if (members.dim() < 3 || members.size(0) < 1)
    throw DataError("members: got shape " + shape_text(members.sizes()) + ", expected [M, B, T, C, *grid]");
  const int64_t M = members.size(0), B = members.size(1), T = members.size(2);
  const auto means =
      sorted_members(members.reshape({M, -1})).view({M, B, T, -1}).mean(-1, false, torch::kDouble);
  std::vector<Tensor> widths;
  for (const double level : levels) {
    const int64_t l = ranks_left_out(M + 1, level);
    widths.push_back(M + 1 <= 2 * l ? torch::full({B, T}, std::nan(""), torch::kDouble)
                                    : means[M - l] - means[l - 1]);
  }
  return torch::stack(widths, -1);
}

std::vector<double> central_widths(const Tensor& members, const std::vector<double>& levels) {
  const auto mean = central_widths_per_frame(members, levels).mean(c10::IntArrayRef{0, 1});
  return {mean.data_ptr<double>(), mean.data_ptr<double>() + mean.numel()};
}

double reliability_index(const Tensor& rank_histogram) {
  const auto counts = rank_histogram.to(torch::kDouble);
  return (counts / counts.sum() - 1. / static_cast<double>(counts.numel())).abs().sum().item<double>();
}

}  // namespace msde
