#include "msde/infer/data/time_smoother.hpp"

#include <algorithm>

#include "msde/core/process/signals.hpp"

namespace msde {
namespace {

constexpr int64_t kDegrees[] = {1, 3, 5};
constexpr int64_t kHalfWidths[] = {2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96};
constexpr int64_t kAtOnce =
    64;  // rows between the ends that one product makes: T grows, the product does not

// [rows, width + rows - 1]: `row` in every row, each time one further to the right.
torch::Tensor shifted(const torch::Tensor& row, int64_t rows) {
  const int64_t width = row.size(0);
  auto band = torch::zeros({rows, width + rows - 1}, row.options());
  for (int64_t i = 0; i < rows; ++i) band[i].narrow(0, i, width).copy_(row);
  return band;
}

}  // namespace

std::vector<TimeSmoothing> smoothing_candidates() {
  std::vector<TimeSmoothing> candidates;
  for (const int64_t degree : kDegrees)
    for (const int64_t half_width : kHalfWidths)
      if (2 * half_width > degree) candidates.push_back({degree, half_width});
  return candidates;
}

LocalPolynomialSmoother::LocalPolynomialSmoother(int64_t degree, int64_t half_width)
    : degree_(degree), half_width_(half_width) {
  const auto x = torch::linspace(-1, 1, width(), torch::kDouble);
  std::vector<torch::Tensor> powers;
  for (int64_t p = 0; p <= std::min(degree, 2 * half_width); ++p) powers.push_back(x.pow(p));
  const auto basis = std::get<0>(torch::linalg_qr(torch::stack(powers, 1)));  // [width, degree + 1]
  fit_ = torch::mm(basis, basis.t());
}

torch::Tensor LocalPolynomialSmoother::operator()(const torch::Tensor& a) const {
  const int64_t T = a.size(0), h = half_width_;
  const auto fit = fit_.to(a.dtype());
  auto smooth = torch::empty(a.sizes(), a.options());
  smooth.narrow(0, 0, h).copy_(torch::mm(fit.narrow(0, 0, h), a.narrow(0, 0, width())));
  smooth.narrow(0, T - h, h).copy_(torch::mm(fit.narrow(0, h + 1, h), a.narrow(0, T - width(), width())));
  const auto band = shifted(fit[h], kAtOnce);
  for (int64_t i = h; i < T - h; i += kAtOnce) {
    const int64_t rows = std::min(kAtOnce, T - h - i), seen = rows + 2 * h;
    auto made = smooth.narrow(0, i, rows);
    at::mm_out(made, band.narrow(0, 0, rows).narrow(1, 0, seen), a.narrow(0, i - h, seen));
  }
  return smooth;
}

void LocalPolynomialSmoother::smooth(torch::Tensor a, int64_t at_once) const {
  const int64_t T = a.size(0), h = half_width_;
  auto before = torch::empty({0, a.size(1)}, a.options());  // the h points before a piece, as they were
  for (int64_t start = 0, end = 0; start < T; start = end) {
    end = start + std::max(at_once, width());
    if (T - end < width()) end = T;
    const auto seen = torch::cat({before, a.narrow(0, start, std::min(T, end + h) - start)});
    const int64_t first = before.size(0);
    before = a.narrow(0, end - h, h).clone();
    a.narrow(0, start, end - start).copy_((*this)(seen).narrow(0, first, end - start));
  }
}

double LocalPolynomialSmoother::trace(int64_t T) const {
  const auto squared_norms = fit_.diagonal();
  return squared_norms.sum().item<double>() +
         static_cast<double>(T - width()) * squared_norms[half_width_].item<double>();
}

LocalPolynomialSmoother choose_time_smoother(const torch::Tensor& a, double noise_std) {
  const int64_t N = a.size(0), T = a.size(1), n = a.size(2);
  const double s2 = noise_std * noise_std, values = static_cast<double>(N * n);
  LocalPolynomialSmoother best(0, 0);
  double best_risk = values * static_cast<double>(T) * s2;  // no smoothing
  for (const auto& [degree, half_width] : smoothing_candidates()) {
    throw_if_interrupted();
    if (2 * half_width + 1 > T) continue;
    const LocalPolynomialSmoother smoother(degree, half_width);
    double rest = 0;
    for (int64_t i = 0; i < N; ++i)
      rest += smoother(a[i]).sub_(a[i]).square_().sum(torch::kDouble).item<double>();
    const double risk = rest + 2 * s2 * values * smoother.trace(T) - values * static_cast<double>(T) * s2;
    if (risk >= best_risk) continue;
    best_risk = risk;
    best = smoother;
  }
  return best;
}

}  // namespace msde
