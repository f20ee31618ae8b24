#include "msde/pde/flow/cosine_poisson.hpp"

#include <cmath>
#include <numbers>

namespace msde {
namespace {

torch::Tensor rows_of(double* rows, int64_t count, int64_t width, int64_t stride) {
  return torch::from_blob(rows, {count, width}, {stride, 1}, torch::kDouble);
}

}  // namespace

CosinePoisson::CosinePoisson(int64_t nx, int64_t ny, bool open_end)
    : nx_(nx), ny_(ny), g_(static_cast<size_t>(nx * ny)), folded_(static_cast<size_t>(nx * ny)) {
  const int64_t half = ny / 2;
  const double n = static_cast<double>(ny);
  const auto j = (torch::arange(half, torch::kDouble) + .5).unsqueeze(1);
  const auto m = 2 * torch::arange(half, torch::kDouble);
  even_ = torch::cos(std::numbers::pi / n * j * m);
  odd_ = torch::cos(std::numbers::pi / n * j * (m + 1));
  auto weights = torch::full({half, 1}, 2 / n, torch::kDouble);
  odd_back_ = (odd_.t() * weights).contiguous();
  weights[0] = 1 / n;
  even_back_ = (even_.t() * weights).contiguous();

  std::vector<double> after(static_cast<size_t>(ny), 0);  // g of the row behind
  for (int64_t i = nx - 1; i >= 0; --i) {
    for (int64_t c = 0; c < ny; ++c) {
      const auto k = static_cast<double>(c < half ? 2 * c : 2 * (c - half) + 1);
      double diagonal = 4 - 2 * std::cos(std::numbers::pi * k / n);
      if (i == 0) diagonal -= 1;
      if (i == nx - 1) diagonal += open_end ? 1 : -1;
      const double pivot = diagonal - after[static_cast<size_t>(c)];
      const bool free = !open_end && i == 0 && k == 0;  // the mean is not determined
      g_[static_cast<size_t>(i * ny + c)] = after[static_cast<size_t>(c)] = free ? 0 : 1 / pivot;
    }
  }
}

void CosinePoisson::to_modes(double* all, Range rows) {
  const torch::NoGradGuard no_grad;
  const int64_t half = ny_ / 2, n = rows.last - rows.first;
  double *values = all + rows.first * ny_, *folded = folded_.data() + rows.first * ny_;
  for (int64_t i = 0; i < n; ++i) {
    const double* r = values + i * ny_;
    double* __restrict f = folded + i * ny_;
    for (int64_t j = 0; j < half; ++j) {
      f[j] = r[j] + r[ny_ - 1 - j];
      f[half + j] = r[j] - r[ny_ - 1 - j];
    }
  }
  auto even = rows_of(values, n, half, ny_), odd = rows_of(values + half, n, half, ny_);
  at::mm_out(even, rows_of(folded, n, half, ny_), even_);
  at::mm_out(odd, rows_of(folded + half, n, half, ny_), odd_);
}

void CosinePoisson::to_values(double* all, Range rows) {
  const torch::NoGradGuard no_grad;
  const int64_t half = ny_ / 2, n = rows.last - rows.first;
  double *values = all + rows.first * ny_, *folded = folded_.data() + rows.first * ny_;
  auto even = rows_of(folded, n, half, ny_), odd = rows_of(folded + half, n, half, ny_);
  at::mm_out(even, rows_of(values, n, half, ny_), even_back_);
  at::mm_out(odd, rows_of(values + half, n, half, ny_), odd_back_);
  for (int64_t i = 0; i < n; ++i) {
    const double* f = folded + i * ny_;
    double* __restrict r = values + i * ny_;
    for (int64_t j = 0; j < half; ++j) {
      r[j] = f[j] + f[half + j];
      r[ny_ - 1 - j] = f[j] - f[half + j];
    }
  }
}

void CosinePoisson::eliminate(Range rows, Range modes, const double* r, const double* after,
                              double* y) const {
  const std::vector<double> zeros(after == nullptr ? static_cast<size_t>(ny_) : 0);
  const double* behind = after == nullptr ? zeros.data() : after;
  for (int64_t i = rows.last - 1; i >= rows.first; --i) {
    const double *g = g_.data() + i * ny_, *from = r + i * ny_;
    double* to = y + i * ny_;
#pragma GCC ivdep
    for (int64_t c = modes.first; c < modes.last; ++c) to[c] = g[c] * (from[c] + behind[c]);
    behind = to;
  }
}

void CosinePoisson::substitute(int64_t last, Range modes, double* y) const {
  for (int64_t i = 1; i < last; ++i) {
    const double *g = g_.data() + i * ny_, *before = y + (i - 1) * ny_;
    double* __restrict p = y + i * ny_;
    for (int64_t c = modes.first; c < modes.last; ++c) p[c] += g[c] * before[c];
  }
}

}  // namespace msde
