#include "msde/scales/snapshot_mixture.hpp"

namespace msde {
namespace {

constexpr double kRounding = 1e-11;  // of a covariance of few rows, which need not be definite

}  // namespace

torch::Tensor SnapshotMixture::expectation(const torch::Tensor& y) const {
  const auto off = y.unsqueeze(0) - mean.unsqueeze(1);  // [K, B, n]
  const auto distance = torch::matmul(off, whitening.transpose(1, 2)).square().sum(-1);
  const auto share = torch::softmax(log_scale.unsqueeze(1) - distance / 2, 0);  // [K, B]
  const auto expected = mean.unsqueeze(1) + torch::matmul(off, gain.transpose(1, 2));
  return (share.unsqueeze(-1) * expected).sum(0);
}

SnapshotMixture learn_mixture(const std::vector<torch::Tensor>& parts, double widening, double noise_std) {
  const int64_t n = parts.front().size(1);
  const auto noise = noise_std * noise_std * torch::eye(n, torch::kDouble);
  std::vector<torch::Tensor> means, gains, whitenings, scales;
  for (const auto& part : parts) {
    const auto rows = part.to(torch::kDouble);
    const auto mean = rows.mean(0), off = rows - mean;
    const auto C = widening * off.t().mm(off) / static_cast<double>(rows.size(0));
    const auto rounding = kRounding * C.diagonal().max().clamp_min(1e-300) * torch::eye(n, torch::kDouble);
    const auto L = torch::linalg_cholesky(C + noise + rounding);  // (C + s^2) = L L^T
    const auto M = torch::linalg_solve_triangular(L, torch::eye(n, torch::kDouble), /*upper=*/false);
    means.push_back(mean);
    whitenings.push_back(M);
    gains.push_back(C.mm(M.t().mm(M)));
    scales.push_back(M.diagonal().log().sum());
  }
  return {torch::stack(means), torch::stack(gains), torch::stack(whitenings), torch::stack(scales)};
}

}  // namespace msde
