#include "msde/infer/time_smoother.hpp"

#include <algorithm>
#include <limits>

namespace msde {
namespace {

constexpr int64_t kDegrees[] = {1, 3, 5};
constexpr int64_t kHalfWidths[] = {2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96};

}  // namespace

torch::Tensor local_polynomial_smoother(int64_t T, int64_t degree, int64_t half_width) {
  const int64_t width = std::min(2 * half_width + 1, T);
  auto H = torch::zeros({T, T}, torch::kDouble);
  // One pseudo-inverse per position inside the window: the middle rows all share one.
  auto x = torch::linspace(-1, 1, width, torch::kDouble);
  std::vector<torch::Tensor> powers;
  for (int64_t p = 0; p <= degree; ++p) powers.push_back(x.pow(p));
  auto basis = std::get<0>(torch::linalg_qr(torch::stack(powers, 1)));  // [width, degree + 1]
  auto hat = torch::mm(basis, basis.t());  // row j: the fit at point j of the window
  for (int64_t i = 0; i < T; ++i) {
    const int64_t start = std::clamp<int64_t>(i - half_width, 0, T - width);
    H[i].narrow(0, start, width).copy_(hat[i - start]);
  }
  return H;
}

TimeSmoother choose_time_smoother(const torch::Tensor& a, double noise_std) {
  const int64_t N = a.size(0), T = a.size(1), n = a.size(2);
  const double s2 = noise_std * noise_std, values = static_cast<double>(N * n);
  TimeSmoother best;
  best.matrix = torch::eye(T, torch::kDouble);
  double best_risk = values * static_cast<double>(T) * s2;  // no smoothing
  for (int64_t degree : kDegrees)
    for (int64_t half_width : kHalfWidths) {
      if (2 * half_width + 1 <= degree + 1 || 2 * half_width + 1 > T) continue;
      auto H = local_polynomial_smoother(T, degree, half_width);
      double rest = 0;
      auto minus = (torch::eye(T, torch::kDouble) - H).to(a.dtype());
      for (int64_t i = 0; i < N; ++i)
        rest += torch::mm(minus, a[i]).square().sum(torch::kDouble).item<double>();
      const double risk =
          rest + 2 * s2 * values * H.trace().item<double>() - values * static_cast<double>(T) * s2;
      if (risk >= best_risk) continue;
      best_risk = risk;
      best = {H, degree, half_width, std::sqrt(H.square().sum().item<double>() / static_cast<double>(T))};
    }
  return best;
}

}  // namespace msde
