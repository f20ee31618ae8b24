#include "msde/scales/denoise_patterns.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "msde/core/process/signals.hpp"
#include "msde/ops/fluid.hpp"

namespace msde {
namespace {

using torch::Tensor;

constexpr int kScales = 3;
constexpr double kDoubt = 1.5;
constexpr int64_t kBox = 4;      // reach of the box to both sides, in steps of the scale, halved
constexpr int64_t kReach = 8;    // of the widest sum to one side: two steps of the coarsest scale
constexpr int64_t kAtOnce = 16;  // columns, for memory's sake
const std::vector<double> kSpline = {1. / 16, 4. / 16, 6. / 16, 4. / 16, 1. / 16};

// sum_i weights[i] x(. + (i - middle) step) along an axis of x, which is continued periodically or mirrored at its ends.
Tensor shifted_sum(const Tensor& x, int64_t axis, const std::vector<double>& weights, int64_t step,
                   bool periodic) {
  const int64_t n = x.size(axis), middle = static_cast<int64_t>(weights.size()) / 2;
  const auto here = torch::arange(n, torch::kLong);
  auto sum = torch::zeros_like(x);
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto there = here + (static_cast<int64_t>(i) - middle) * step;
    const auto mirrored = (n - 1) - ((n - 1) - there.abs()).abs();  // once: shifts are shorter than the axis
    sum.add_(x.index_select(axis, periodic ? there.remainder(n) : mirrored), weights[i]);
  }
  return sum;
}

// Axes on which the widest sum has its place.
std::vector<int64_t> long_axes(const Grid& grid) {
  std::vector<int64_t> axes;
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis)
    if (grid.shape[static_cast<size_t>(axis)] > kReach) axes.push_back(axis);
  return axes;
}

// Along the long axes of x [C, *grid, r].
Tensor along_axes(Tensor x, const Grid& grid, const std::vector<double>& weights, int64_t step) {
  for (const int64_t axis : long_axes(grid))
    x = shifted_sum(x, axis + 1, weights, step, grid.boundary[static_cast<size_t>(axis)].periodic());
  return x;
}

// Of white noise of variance 1, the variance of the details of every scale along D axes: kernels of successive scales
// are products of c and next along the axes, so that the squares of their difference add up to products of sums.
std::vector<double> noise_of_details(int64_t D) {
  constexpr int64_t kHalf = 2 << kScales;
  std::vector<double> variances;
  auto c = torch::zeros({2 * kHalf + 1}, torch::kDouble);
  c[kHalf] = 1;
  for (int scale = 0; scale < kScales; ++scale) {
    const auto next = shifted_sum(c, 0, kSpline, int64_t{1} << scale, /*periodic=*/true);
    const auto power = [&](const Tensor& a, const Tensor& b) {
      return std::pow(a.dot(b).item<double>(), static_cast<double>(D));
    };
    variances.push_back(power(c, c) - 2 * power(c, next) + power(next, next));
    c = next;
  }
  return variances;
}

// Of patterns [C, *grid, r] with noise [C, 1.., r].
Tensor denoised(const Tensor& patterns, const Tensor& noise, const Grid& grid) {
  const auto variances = noise_of_details(static_cast<int64_t>(long_axes(grid).size()));
  auto rest = patterns, kept = torch::zeros_like(patterns);
  for (int scale = 0; scale < kScales; ++scale) {
    const int64_t step = int64_t{1} << scale;
    const auto smoother = along_axes(rest, grid, kSpline, step);
    const auto detail = rest - smoother;
    const auto reach = static_cast<size_t>(kBox * step / 2);
    const std::vector<double> box(2 * reach + 1, 1. / static_cast<double>(2 * reach + 1));
    const auto around = along_axes(detail.square(), grid, box, 1);
    const auto v = kDoubt * variances[static_cast<size_t>(scale)] * noise.square();
    kept += detail * (1 - v / around.clamp_min(1e-300)).clamp_min(0);
    rest = smoother;
  }
  return kept + rest;
}

}  // namespace

Tensor denoise_patterns(const Tensor& patterns, const Tensor& noise, const Grid& grid) {
  if (long_axes(grid).empty()) return patterns;
  std::vector<int64_t> shape = {grid.channels};
  shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
  std::vector<int64_t> noise_shape(shape.size(), 1);
  noise_shape[0] = grid.channels;
  shape.push_back(-1), noise_shape.push_back(-1);
  auto result = torch::empty_like(patterns);
  for (int64_t first = 0; first < patterns.size(1); first += kAtOnce) {
    throw_if_interrupted();
    const int64_t count = std::min(kAtOnce, patterns.size(1) - first);
    const auto some = denoised(patterns.narrow(1, first, count).contiguous().view(shape),
                               noise.narrow(1, first, count).contiguous().view(noise_shape), grid);
    // Points last, as with_solid() has them.
    const auto whole = with_solid(some.movedim(-1, 0).contiguous(), grid, 0);
    result.narrow(1, first, count).copy_(whole.flatten(1).t());
  }
  return result;
}

}  // namespace msde
