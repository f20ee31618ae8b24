#include "msde/baselines/pod_sindy/rate_regression.hpp"

#include <algorithm>

namespace msde {
namespace {

void add(NormalEquations* sum, const torch::Tensor& features, const torch::Tensor& rates) {
  const auto gram = features.t().matmul(features), moments = features.t().matmul(rates);
  sum->gram = sum->gram.defined() ? sum->gram + gram : gram;
  sum->moments = sum->moments.defined() ? sum->moments + moments : moments;
}

// Rows k stride + i of x weighed by weights[i] and added, [T, n] -> [windows, n].
torch::Tensor averaged(const torch::Tensor& x, const torch::Tensor& weights, int64_t stride) {
  const int64_t count = (x.size(0) - weights.numel()) / stride + 1;
  auto sum = torch::zeros({count, x.size(1)}, torch::kDouble);
  for (int64_t i = 0; i < weights.numel(); ++i)
    sum.add_(x.slice(0, i, i + (count - 1) * stride + 1, stride), weights[i].item<double>());
  return sum;
}

}  // namespace

NormalEquations forward_difference_regression(const std::vector<torch::Tensor>& series, double dt,
                                              const Polynomials& library) {
  NormalEquations sum;
  for (const auto& a : series) {
    const int64_t n = a.size(0) - 1;
    add(&sum, library.evaluate(a.narrow(0, 0, n)), (a.narrow(0, 1, n) - a.narrow(0, 0, n)) / dt);
  }
  return sum;
}

NormalEquations weak_regression(const std::vector<torch::Tensor>& series, double dt,
                                const Polynomials& library, int64_t half_width) {
  NormalEquations sum;
  int64_t rows = 0;
  for (const auto& a : series) {
    const int64_t half = std::clamp<int64_t>(half_width, 1, (a.size(0) - 1) / 2);
    // Centred samples s_i = i / (half + 1), so that phi vanishes just outside the window.
    const auto s = torch::arange(-half, half + 1, torch::kDouble) / static_cast<double>(half + 1);
    const auto bump = 1 - s.square();
    auto phi = bump.pow(3);
    auto slope = 6 * s * bump.square();  // -phi'(s)
    // Scaled so that constants average to themselves, and the slope so that a straight line has its exact
    // derivative.
    phi = phi / phi.sum();
    slope = slope / (slope * s).sum() / (dt * static_cast<double>(half + 1));
    const int64_t stride = std::max<int64_t>(1, half / 4);
    const auto features = averaged(library.evaluate(a), phi, stride);
    add(&sum, features, averaged(a, slope, stride));
    rows += features.size(0);
  }
  return {sum.gram / static_cast<double>(rows), sum.moments / static_cast<double>(rows)};
}

}  // namespace msde
