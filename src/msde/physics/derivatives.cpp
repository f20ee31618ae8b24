#include "msde/physics/derivatives.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace msde {
namespace {

constexpr int64_t kUsualOrder = 4;  // of differences

bool continues_constant(Boundary end) {
  return end == Boundary::open || end == Boundary::outflow;
}

// [n, n] float64. Points beyond an end that continues have its last value: their weights are added there.
torch::Tensor difference_matrix(const Grid& grid, int64_t axis, int64_t order, int64_t accuracy) {
  const int64_t n = grid.shape[axis], half = (order + 1) / 2 + accuracy / 2 - 1;
  const int64_t width = std::min(n, order + accuracy);  // one-sided stencils have one point more
  const auto ends = grid.boundary[axis];
  const bool wraps = ends.periodic();
  auto D = torch::zeros({n, n}, torch::kDouble);
  auto at = D.accessor<double, 2>();
  for (int64_t i = 0; i < n; ++i) {
    int64_t first = i - half, last = i + half;
    if (first < 0 && !wraps && !continues_constant(ends.low)) first = 0, last = std::max(last, width - 1);
    if (last > n - 1 && !wraps && !continues_constant(ends.high))
      last = n - 1, first = std::min(first, n - width);
    std::vector<double> points;
    for (int64_t j = first; j <= last; ++j) points.push_back(static_cast<double>(j));
    const auto weights = difference_weights(points, static_cast<double>(i), order);
    for (int64_t j = first; j <= last; ++j)
      at[i][wraps ? ((j % n) + n) % n : std::clamp<int64_t>(j, 0, n - 1)] +=
          weights[static_cast<size_t>(j - first)];
  }
  return D / std::pow(grid.spacing_of(axis), static_cast<double>(order));
}

// [n / 2 + 1] complex128, of a real transform.
torch::Tensor spectral_factors(const Grid& grid, int64_t axis, int64_t order) {
  const int64_t n = grid.shape[axis];
  const double length = grid.spacing_of(axis) * static_cast<double>(n);
  const auto k = torch::arange(n / 2 + 1, torch::kDouble) * (2 * std::numbers::pi / length);
  auto factors = torch::complex(torch::zeros_like(k), k).pow(order);
  if (n % 2 == 0) factors.select(0, n / 2).zero_();
  return factors;
}

}  // namespace

std::vector<double> difference_weights(const std::vector<double>& points, double at, int64_t order) {
  const auto n = points.size(), m = static_cast<size_t>(order);
  std::vector<std::vector<double>> c(n, std::vector<double>(m + 1, 0));
  double c1 = 1, c4 = points[0] - at;
  c[0][0] = 1;
  for (size_t i = 1; i < n; ++i) {
    const size_t most = std::min(i, m);
    double c2 = 1;
    const double c5 = c4;
    c4 = points[i] - at;
    for (size_t j = 0; j < i; ++j) {
      const double c3 = points[i] - points[j];
      c2 *= c3;
      if (j + 1 == i) {
        for (size_t k = most; k > 0; --k)
          c[i][k] = c1 * (static_cast<double>(k) * c[i - 1][k - 1] - c5 * c[i - 1][k]) / c2;
        c[i][0] = -c1 * c5 * c[i - 1][0] / c2;
      }
      for (size_t k = most; k > 0; --k) c[j][k] = (c4 * c[j][k] - static_cast<double>(k) * c[j][k - 1]) / c3;
      c[j][0] = c4 * c[j][0] / c3;
    }
    c1 = c2;
  }
  std::vector<double> weights;
  for (const auto& of_point : c) weights.push_back(of_point[m]);
  return weights;
}

void Derivatives::prepare(int64_t axis, int64_t order) {
  auto& map = maps_[{axis, order}];
  if (map.defined()) return;
  map = is_spectral(axis)
            ? spectral_factors(grid_, axis, order)
            : difference_matrix(grid_, axis, order,
                                order_of_differences_ > 0 ? order_of_differences_ : kUsualOrder);
}

torch::Tensor Derivatives::along(int64_t axis, int64_t order, const torch::Tensor& fields) const {
  const auto& map = maps_.at({axis, order});
  const int64_t dim = fields.dim() - grid_.dimensions() + axis;
  const auto device = fields.device();
  if (is_spectral(axis)) {
    const auto spectrum = torch::fft::rfft(fields.movedim(dim, -1));
    return torch::fft::irfft(spectrum * map.to(device, spectrum.scalar_type()), grid_.shape[axis])
        .movedim(-1, dim);
  }
  return torch::matmul(fields.movedim(dim, -1), map.to(device, fields.scalar_type()).t()).movedim(-1, dim);
}

torch::Tensor resampled(const torch::Tensor& fields, const Grid& grid, const Grid& to) {
  auto x = fields;
  const int64_t before = fields.dim() - grid.dimensions();
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const int64_t n = grid.shape[axis], m = to.shape[axis];
    if (n == m) continue;
    const int64_t kept = std::min((n - 1) / 2, (m - 1) / 2) + 1;  // modes below that of Nyquist
    const auto spectrum = torch::fft::rfft(x.movedim(before + axis, -1)).narrow(-1, 0, kept);
    x = torch::fft::irfft(torch::constant_pad_nd(spectrum, {0, m / 2 + 1 - kept}), m)
            .movedim(-1, before + axis) *
        (static_cast<double>(m) / static_cast<double>(n));
  }
  return x;
}

}  // namespace msde
