#include "msde/infer/data/unequal_smoother.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "msde/core/process/signals.hpp"
#include "msde/infer/data/time_smoother.hpp"

namespace msde {
namespace {

constexpr double kNothingLeft = 1e-20;  // of a squared norm

constexpr int64_t kRows = 64;  // that one product makes

// The row of the projection on polynomials over nodes t [width] that belongs to node `at`. Orthonormal polynomials by
// Gram-Schmidt, twice, each from x times the one before.
void fit_row(const double* t, int64_t width, int64_t at, int64_t degree, double* row,
             std::vector<double>& room) {
  const double middle = .5 * (t[0] + t[width - 1]), half = .5 * (t[width - 1] - t[0]);
  room.resize(static_cast<size_t>((degree + 1) * width));
  std::fill_n(row, width, 0.);
  for (int64_t p = 0; p <= degree; ++p) {
    double* const q = room.data() + p * width;
    for (int64_t j = 0; j < width; ++j) q[j] = p == 0 ? 1 : (t[j] - middle) / half * (q - width)[j];
    double before = 0;
    for (int64_t j = 0; j < width; ++j) before += q[j] * q[j];
    for (int pass = 0; pass < 2; ++pass)
      for (int64_t k = 0; k < p; ++k) {
        const double* const other = room.data() + k * width;
        double product = 0;
        for (int64_t j = 0; j < width; ++j) product += q[j] * other[j];
        for (int64_t j = 0; j < width; ++j) q[j] -= product * other[j];
      }
    double norm2 = 0;
    for (int64_t j = 0; j < width; ++j) norm2 += q[j] * q[j];
    // Nodes that lie in a few places have no polynomials beyond: what is left is rounding.
    if (norm2 <= kNothingLeft * before) break;
    const double scale = 1 / std::sqrt(norm2);
    for (int64_t j = 0; j < width; ++j) q[j] *= scale;
    for (int64_t j = 0; j < width; ++j) row[j] += q[at] * q[j];
  }
}

}  // namespace

int64_t window_begin(int64_t row, int64_t n_snapshots, const TimeSmoothing& s) {
  return std::clamp<int64_t>(row - s.half_width, 0, n_snapshots - s.width());
}

torch::Tensor smoother_rows(const torch::Tensor& times, const TimeSmoothing& s, int64_t first,
                            int64_t count) {
  const auto t = times.to(torch::kDouble).contiguous();
  const int64_t T = t.size(0), width = s.width();
  auto rows = torch::empty({count, width}, torch::kDouble);
  const double* const nodes = t.data_ptr<double>();
  double* const to = rows.data_ptr<double>();
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    std::vector<double> room;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t window = window_begin(first + i, T, s);
      fit_row(nodes + window, width, first + i - window, std::min(s.degree, width - 1), to + i * width, room);
    }
  });
  return rows;
}

void smooth_in_time(torch::Tensor a, const torch::Tensor& times, const TimeSmoothing& s, int64_t at_once) {
  const int64_t T = a.size(0), width = s.width();
  if (s.half_width == 0) return;
  auto before = torch::empty({0, a.size(1)}, a.options());  // points before a piece, as they were
  for (int64_t start = 0, end = 0; start < T; start = end) {
    end = std::min(T, start + std::max(at_once, width));
    const int64_t low = window_begin(start, T, s), high = window_begin(end - 1, T, s) + width;
    const int64_t kept = start - std::min(low, start), from = start - kept;
    const auto seen = torch::cat(
        {before.narrow(0, before.size(0) - kept, kept), a.narrow(0, start, std::max(high, end) - start)});
    const auto all = torch::cat({before, a.narrow(0, start, end - start)});
    before = all.narrow(0, std::max<int64_t>(0, all.size(0) - width), std::min(width, all.size(0))).clone();
    for (int64_t i = start; i < end; i += kRows) {
      const int64_t n = std::min(kRows, end - i), first = window_begin(i, T, s),
                    columns = window_begin(i + n - 1, T, s) + width - first;
      const auto rows = smoother_rows(times, s, i, n).to(a.dtype());
      auto band = torch::zeros({n, columns}, a.options());
      for (int64_t k = 0; k < n; ++k)
        band[k].narrow(0, window_begin(i + k, T, s) - first, width).copy_(rows[k]);
      a.narrow(0, i, n).copy_(torch::mm(band, seen.narrow(0, first - from, columns)));
    }
  }
}

double smoother_trace(const torch::Tensor& times, const TimeSmoothing& s) {
  const int64_t T = times.size(0);
  if (s.half_width == 0) return static_cast<double>(T);
  double trace = 0;
  for (int64_t i = 0; i < T; i += kRows) {
    const int64_t n = std::min(kRows, T - i);
    const auto rows = smoother_rows(times, s, i, n);
    for (int64_t k = 0; k < n; ++k)
      trace += rows.data_ptr<double>()[k * s.width() + i + k - window_begin(i + k, T, s)];
  }
  return trace;
}

TimeSmoothing choose_time_smoothing(const torch::Tensor& a, const torch::Tensor& times, double noise_std) {
  const int64_t N = a.size(0), T = a.size(1), n = a.size(2);
  const double s2 = noise_std * noise_std, of_each = static_cast<double>(n);
  TimeSmoothing best;
  double best_risk = of_each * static_cast<double>(N * T) * s2;  // no smoothing
  for (const TimeSmoothing& candidate : smoothing_candidates()) {
    throw_if_interrupted();
    if (candidate.width() > T) continue;
    double risk = -of_each * static_cast<double>(N * T) * s2;
    for (int64_t i = 0; i < N; ++i) {
      auto smooth = a[i].clone();
      smooth_in_time(smooth, times[i], candidate, T);
      risk += smooth.sub_(a[i]).square_().sum(torch::kDouble).item<double>() +
              2 * s2 * of_each * smoother_trace(times[i], candidate);
    }
    if (risk < best_risk) best_risk = risk, best = candidate;
  }
  return best;
}

}  // namespace msde
