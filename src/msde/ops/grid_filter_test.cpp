#include "msde/ops/grid_filter.hpp"

#include <gtest/gtest.h>

#include "msde/tensor/testing/gradient_check.hpp"

namespace msde {
namespace {

using torch::Tensor;
using B = Boundary;

struct Setting {
  const char* name;
  int64_t channels;
  std::vector<int64_t> grid, taps;
  std::vector<AxisEnds> boundary;
};

Tensor draw(uint64_t i, const std::vector<int64_t>& shape) {
  return normal({11, Stream::test, i}, shape, torch::kDouble);
}

// x[i + lag] along one axis: wrapped round, or zero beyond the ends.
Tensor moved(const Tensor& x, int64_t dim, int64_t lag, const AxisEnds& boundary) {
  if (boundary.periodic()) return x.roll(-lag, dim);
  const int64_t n = x.size(dim);
  if (std::abs(lag) >= n) return torch::zeros_like(x);
  auto shape = x.sizes().vec();
  shape[dim] = std::abs(lag);
  const auto zeros = torch::zeros(shape, x.options());
  const auto kept = x.narrow(dim, std::max<int64_t>(lag, 0), n - std::abs(lag));
  return lag > 0 ? torch::cat({kept, zeros}, dim) : torch::cat({zeros, kept}, dim);
}

// The definition: one tap after the other.
Tensor filtered_by_definition(const Tensor& kernel, const Tensor& x, const Setting& s, int64_t sign) {
  auto taps = kernel.flatten(1);
  auto y = torch::zeros_like(x);
  for (int64_t tap = 0; tap < taps.size(1); ++tap) {
    auto term = x;
    int64_t rest = tap;
    for (int64_t axis = static_cast<int64_t>(s.grid.size()) - 1; axis >= 0; --axis) {
      const int64_t lag = rest % s.taps[axis] - (s.taps[axis] - 1) / 2;
      term = moved(term, axis + 2, sign * lag, s.boundary[axis]);
      rest /= s.taps[axis];
    }
    std::vector<int64_t> per_channel(x.dim() - 1, 1);
    per_channel[0] = s.channels;
    y = y + taps.select(1, tap).view(per_channel) * term;
  }
  return y;
}

struct grid_filter : testing::TestWithParam<Setting> {
  const Setting& s = GetParam();
  std::vector<int64_t> with(int64_t rows, const std::vector<int64_t>& shape) const {
    std::vector<int64_t> all =
        rows > 0 ? std::vector<int64_t>{rows, s.channels} : std::vector<int64_t>{s.channels};
    all.insert(all.end(), shape.begin(), shape.end());
    return all;
  }
  Tensor kernel = draw(0, with(0, s.taps)), x = draw(1, with(3, s.grid)), z = draw(2, with(3, s.grid));
  GridFilter filter{kernel, s.grid, s.boundary};
};
INSTANTIATE_TEST_SUITE_P(
    settings, grid_filter,
    testing::Values(Setting{"periodic_and_wall", 2, {12, 7}, {5, 9}, {B::periodic, B::wall}},
                    Setting{"open_and_periodic", 2, {7, 10}, {9, 3}, {B::open, B::periodic}},
                    Setting{"taps_beyond_every_end", 1, {4, 5}, {11, 13}, {B::wall, B::periodic}},
                    Setting{"one_open_axis", 3, {11}, {7}, {B::open}},
                    Setting{"ends_differ", 2, {12, 7}, {5, 9}, {{B::wall, B::open}, B::periodic}},
                    Setting{"one_periodic_axis_wrapping_twice", 1, {4}, {19}, {B::periodic}},
                    Setting{"three_axes", 2, {4, 6, 5}, {3, 5, 7}, {B::wall, B::periodic, B::open}}),
    [](const auto& info) { return info.param.name; });

TEST_P(grid_filter, is_the_direct_sum_in_value_and_gradient) {
  for (const int64_t sign : {1, -1}) {
    std::vector<Tensor> results[2];
    for (int way = 0; way < 2; ++way) {
      const auto k = kernel.clone().requires_grad_(), leaf = x.clone().requires_grad_();
      const GridFilter fast(k, s.grid, s.boundary);
      const auto y = way == 0   ? filtered_by_definition(k, leaf, s, sign)
                     : sign > 0 ? fast.filtered(leaf)
                                : fast.transposed(leaf);
      (y * z).sum().backward();
      results[way] = {y.detach(), leaf.grad(), k.grad()};
    }
    for (size_t i = 0; i < 3; ++i) {
      ASSERT_EQ(results[0][i].sizes(), results[1][i].sizes());
      EXPECT_LT((results[0][i] - results[1][i]).abs().max().item<double>(),
                1e-13 * results[0][i].abs().max().item<double>() * 100)
          << i;
    }
  }
}

TEST_P(grid_filter, transposed_is_the_adjoint) {
  const double a = (filter.filtered(x) * z).sum().item<double>();
  EXPECT_NEAR(a, (x * filter.transposed(z)).sum().item<double>(), 1e-11 * std::max(1., std::abs(a)));
}

TEST_P(grid_filter, gradients_equal_central_differences) {
  const GradientCheckOptions exact{.step = 1e-3, .tolerance = 1e-9};  // bilinear: no truncation error
  for (const bool transposed : {false, true})
    expect_gradient(
        [&](const std::vector<Tensor>& in) {
          const GridFilter f(in[1], s.grid, s.boundary);
          return transposed ? f.transposed(in[0]) : f.filtered(in[0]);
        },
        {x, kernel}, exact);
}

}  // namespace
}  // namespace msde
