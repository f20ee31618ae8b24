#include "msde/baselines/coarse_dns/solver_grid.hpp"

#include <algorithm>
#include <numbers>

namespace msde {

torch::Tensor fourier_matrix(int64_t n, int64_t m) {
  auto modes = torch::fft::rfft(torch::eye(n, torch::kDouble), c10::nullopt, 0);  // [n / 2 + 1, n]
  if (m < n) {
    modes = modes.narrow(0, 0, m / 2 + 1).clone();
    if (m % 2 == 0) modes[m / 2] = 0;
  } else if (m > n && n % 2 == 0) {
    modes[n / 2] = modes[n / 2] / 2;  // shared by the two frequencies that it stands for
  }
  return torch::fft::irfft(modes, m, 0) * (static_cast<double>(m) / static_cast<double>(n));
}

torch::Tensor cosine_matrix(int64_t n, int64_t m) {
  const auto k = torch::arange(std::min(n, m), torch::kDouble) * std::numbers::pi;
  const auto cosines = [&k](int64_t points) {  // [points, modes]
    const auto x = (torch::arange(points, torch::kDouble) + .5) / static_cast<double>(points);
    return torch::cos(x.unsqueeze(1) * k);
  };
  auto weights = torch::full({k.numel()}, 2 / static_cast<double>(n), torch::kDouble);
  weights[0] /= 2;
  return (cosines(m) * weights).matmul(cosines(n).t());
}

torch::Tensor spline_matrix(int64_t m, int64_t stride, bool periodic) {
  // Second derivatives M (knots one apart): M_{i-1} + 4 M_i + M_{i+1} = 6 (y_{i-1} - 2 y_i + y_{i+1}); at
  // open ends the third derivative is continuous across the last knot but one, M_0 - 2 M_1 + M_2 = 0.
  const auto I = torch::eye(m, torch::kDouble);
  const auto neighbours = I.roll(1, 0) + I.roll(-1, 0);
  auto left = neighbours + 4 * I, right = 6 * (neighbours - 2 * I);
  if (!periodic) {
    for (const int64_t end : {int64_t{0}, m - 1}) {
      const int64_t inwards = end == 0 ? 1 : -1;
      left[end] = I[end] - 2 * I[end + inwards] + I[end + 2 * inwards];
      right[end] = 0;
    }
  }
  const auto M = torch::linalg_solve(left, right);  // [m, m]: of the values
  const auto s = (torch::arange(stride, torch::kDouble) / static_cast<double>(stride)).view({1, stride, 1});
  const auto r = 1 - s;
  const auto at = [](const torch::Tensor& matrix, int64_t shift) {
    return matrix.roll(-shift, 0).unsqueeze(1);
  };
  auto values = r * at(I, 0) + s * at(I, 1) + (r.pow(3) - r) / 6 * at(M, 0) + (s.pow(3) - s) / 6 * at(M, 1);
  values = values.reshape({m * stride, m});
  if (!periodic) values.slice(0, (m - 1) * stride + 1).zero_();
  return values;
}

torch::Tensor every_nth_matrix(int64_t n, int64_t stride) {
  return torch::eye(n, torch::kDouble).slice(0, 0, c10::nullopt, stride);
}

torch::Tensor along_axes(torch::Tensor u, const std::vector<torch::Tensor>& matrices) {
  const int64_t first = u.dim() - static_cast<int64_t>(matrices.size());
  for (size_t a = 0; a < matrices.size(); ++a) {
    const int64_t axis = first + static_cast<int64_t>(a);
    u = u.movedim(axis, -1).matmul(matrices[a].t()).movedim(-1, axis);
  }
  return u;
}

}  // namespace msde
