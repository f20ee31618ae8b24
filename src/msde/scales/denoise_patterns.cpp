#include "msde/scales/denoise_patterns.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "msde/ops/fluid.hpp"

namespace msde {
namespace {

using torch::Tensor;

constexpr int kScales = 3;
constexpr double kDoubt = 1.5;
constexpr int64_t kBox = 4;  // reach of the box to both sides, in steps of the scale, halved
const std::vector<double> kSpline = {1. / 16, 4. / 16, 6. / 16, 4. / 16, 1. / 16};

// sum_i weights[i] x(. + (i - middle) step) along an axis of x, which is continued periodically or by its end values.
Tensor shifted_sum(const Tensor& x, int64_t axis, const std::vector<double>& weights, int64_t step,
                   bool periodic) {
  const int64_t n = x.size(axis), middle = static_cast<int64_t>(weights.size()) / 2;
  const auto here = torch::arange(n, torch::kLong);
  auto sum = torch::zeros_like(x);
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto there = here + (static_cast<int64_t>(i) - middle) * step;
    sum.add_(x.index_select(axis, periodic ? there.remainder(n) : there.clamp(0, n - 1)), weights[i]);
  }
  return sum;
}

// Along all axes of x [C, *grid, r].
Tensor along_all(Tensor x, const Grid& grid, const std::vector<double>& weights, int64_t step) {
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis)
    x = shifted_sum(x, axis + 1, weights, step, grid.boundary[static_cast<size_t>(axis)].periodic());
  return x;
}

// Of white noise of variance 1, the variance of the details of every scale in D dimensions: kernels of successive scales
// are products of c and next along the axes, so that the squares of their difference add up to products of sums.
std::vector<double> noise_of_details(int scales, int64_t D) {
  constexpr int64_t kHalf = 2 << kScales;
  std::vector<double> variances;
  auto c = torch::zeros({2 * kHalf + 1}, torch::kDouble);
  c[kHalf] = 1;
  for (int scale = 0; scale < scales; ++scale) {
    const auto next = shifted_sum(c, 0, kSpline, int64_t{1} << scale, /*periodic=*/true);
    const auto power = [&](const Tensor& a, const Tensor& b) {
      return std::pow(a.dot(b).item<double>(), static_cast<double>(D));
    };
    variances.push_back(power(c, c) - 2 * power(c, next) + power(next, next));
    c = next;
  }
  return variances;
}

int scales_for(const Grid& grid) {
  const int64_t shortest = *std::min_element(grid.shape.begin(), grid.shape.end());
  int scales = 0;
  while (scales < kScales && (int64_t{4} << scales) < shortest) ++scales;
  return scales;
}

}  // namespace

Tensor denoise_patterns(const Tensor& patterns, const Tensor& noise, const Grid& grid) {
  std::vector<int64_t> shape = {grid.channels};
  shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
  shape.push_back(patterns.size(1));
  const auto variances = noise_of_details(scales_for(grid), grid.dimensions());
  auto rest = patterns.view(shape);
  auto kept = torch::zeros_like(rest);
  for (size_t scale = 0; scale < variances.size(); ++scale) {
    const int64_t step = int64_t{1} << scale;
    const auto smoother = along_all(rest, grid, kSpline, step);
    const auto detail = rest - smoother;
    const auto reach = static_cast<size_t>(kBox * step / 2);
    const std::vector<double> box(2 * reach + 1, 1. / static_cast<double>(2 * reach + 1));
    const auto around = along_all(detail.square(), grid, box, 1);
    const auto v = kDoubt * variances[scale] * noise.square();
    kept += detail * (1 - v / around.clamp_min(1e-300)).clamp_min(0);
    rest = smoother;
  }
  // Points last, as with_solid() has them.
  const auto whole = (kept + rest).movedim(-1, 0).contiguous();
  return with_solid(whole, grid, 0).flatten(1).t().contiguous();
}

}  // namespace msde
