#include "msde/ops/periodic_filter.hpp"

#include <gtest/gtest.h>

#include "msde/core/error.hpp"
#include "msde/ops/circulant.hpp"
#include "msde/tensor/gradient_check.hpp"

namespace msde {
namespace {

using torch::Tensor;

const auto f64 = torch::TensorOptions(torch::kDouble);

struct Setting {
  const char* name;
  int64_t channels, stride, n_sigma;
  std::vector<int64_t> grid;
};

// Asymmetric random kernels: a flipped or shifted filter cannot pass.
struct Sample {
  PeriodicFilter filter;
  Tensor x, z;
  explicit Sample(const Setting& s) {
    const int64_t K = 2 * s.n_sigma * s.stride + 1;
    std::vector<int64_t> kernel{s.channels, 1}, fine{3, s.channels}, coarse{3, s.channels};
    for (int64_t n : s.grid) kernel.push_back(K), fine.push_back(n), coarse.push_back(n / s.stride);
    const auto draw = [](uint64_t i, const std::vector<int64_t>& shape) {
      return normal({11, Stream::test, i}, shape, f64);
    };
    filter = {draw(0, kernel), draw(1, {s.channels}), s.stride, s.n_sigma};
    x = draw(2, fine), z = draw(3, coarse);
  }
};

struct periodic_filter : testing::TestWithParam<Setting> {
  Sample sample{GetParam()};
  bool one_axis = GetParam().grid.size() == 1;
};
INSTANTIATE_TEST_SUITE_P(
    settings, periodic_filter,
    testing::Values(Setting{"one_axis", 1, 5, 2, {60}}, Setting{"channels", 3, 4, 3, {48}},
                    Setting{"as_many_taps_as_points", 1, 5, 2, {21 - 1}},
                    Setting{"wider_than_the_grid", 2, 4, 3, {8}},
                    Setting{"wrapping_many_times", 1, 2, 9, {4}}, Setting{"one_tap", 1, 2, 0, {6}},
                    Setting{"stride_one", 1, 1, 3, {10}}, Setting{"two_axes", 2, 2, 1, {8, 6}},
                    Setting{"two_axes_wider_than_the_grid", 1, 2, 2, {4, 6}}),
    [](const auto& info) { return info.param.name; });

// The definition, written as loops over the circular grid: independent of both paths. One axis.
Tensor smooth_by_definition(const PeriodicFilter& f, const Tensor& x) {
  const int64_t n = x.size(2), h = f.n_sigma * f.stride;
  auto y = torch::zeros_like(x);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k <= 2 * h; ++k)
      y.select(2, i) += f.kernel.select(2, k).squeeze(1) * x.select(2, (((i + k - h) % n) + n) % n);
  return y + f.bias.unsqueeze(1);
}

TEST_P(periodic_filter, smoothing_is_its_definition) {
  if (!one_axis) return;  // two axes: see the golden values
  for (auto path : {FilterPath::convolution, FilterPath::circulant})
    EXPECT_TRUE(torch::allclose(smooth(sample.filter, sample.x, path),
                                smooth_by_definition(sample.filter, sample.x), 1e-12, 1e-12));
}

TEST_P(periodic_filter, restriction_is_smoothing_at_every_stride_th_point) {
  const auto coarse = restrict_to_coarse(sample.filter, sample.x);
  auto sliced = smooth(sample.filter, sample.x);
  for (int64_t axis = 2; axis < sliced.dim(); ++axis)
    sliced = sliced.slice(axis, 0, sliced.size(axis), sample.filter.stride);
  EXPECT_EQ(coarse.sizes(), sample.z.sizes());
  EXPECT_TRUE(torch::allclose(coarse, sliced, 1e-12, 1e-12));
}

// <restrict(x), z> = <x, prolong(z)> without the bias.
TEST_P(periodic_filter, prolongation_is_the_transpose_of_restriction) {
  auto filter = sample.filter;
  filter.bias = torch::zeros_like(filter.bias);
  const double a = (restrict_to_coarse(filter, sample.x) * sample.z).sum().item<double>();
  const double b = (sample.x * prolong(filter, sample.z)).sum().item<double>();
  EXPECT_NEAR(a, b, 1e-12 * std::max(1., std::abs(a)) * 10);
}

TEST_P(periodic_filter, commutes_with_circular_shifts) {
  const auto shifted = smooth(sample.filter, sample.x.roll(3, 2)),
             later = smooth(sample.filter, sample.x).roll(3, 2);
  EXPECT_TRUE(torch::allclose(shifted, later, 1e-12, 1e-12));
}

// Values and gradients with respect to field, kernel and bias of the fast path equal those of the plain twin.
TEST_P(periodic_filter, both_paths_agree_in_value_and_gradient) {
  if (!one_axis) return;  // two axes have the convolution path alone
  using Function = Tensor (*)(const PeriodicFilter&, const Tensor&, FilterPath);
  const std::pair<Function, Tensor> cases[] = {
      {smooth, sample.x}, {restrict_to_coarse, sample.x}, {prolong, sample.z}};
  for (const auto& [function, field] : cases) {
    std::vector<Tensor> results[2];
    for (int path = 0; path < 2; ++path) {
      auto filter = sample.filter;
      filter.kernel = filter.kernel.clone().requires_grad_();
      filter.bias = filter.bias.clone().requires_grad_();
      const auto leaf = field.clone().requires_grad_();
      const auto y = function(filter, leaf, path == 0 ? FilterPath::convolution : FilterPath::circulant);
      (y * normal({5, Stream::test, 9}, y.sizes(), f64)).sum().backward();
      results[path] = {y.detach(), leaf.grad(), filter.kernel.grad(), filter.bias.grad()};
    }
    for (size_t i = 0; i < 4; ++i) {
      const auto &a = results[1][i], &b = results[0][i];
      ASSERT_EQ(a.sizes(), b.sizes());
      EXPECT_LT((a - b).abs().max().item<double>(), 1e-12 * std::max(1., b.abs().max().item<double>())) << i;
    }
  }
}

TEST_P(periodic_filter, gradients_equal_central_differences) {
  const auto& [kernel, bias, stride, n_sigma] = sample.filter;
  for (auto path : {FilterPath::convolution, FilterPath::circulant}) {
    if (path == FilterPath::circulant && !one_axis) continue;
    const auto with = [&](auto function) {
      return [&, function](const std::vector<Tensor>& in) {
        return function(PeriodicFilter{in[1], in[2], stride, n_sigma}, in[0], path);
      };
    };
    const GradientCheckOptions exact{.step = 1e-3, .tolerance = 1e-9};  // bilinear: no truncation error
    expect_gradient(with(smooth), {sample.x, kernel, bias}, exact);
    expect_gradient(with(restrict_to_coarse), {sample.x, kernel, bias}, exact);
    expect_gradient(with(prolong), {sample.z, kernel, bias}, exact);
  }
}

TEST(circulant, rows_are_shifts_of_the_first) {
  const auto taps = torch::tensor({{1., 2., 4.}}, f64);
  const auto expected = torch::tensor({{2., 4., 0., 1.}, {0., 1., 2., 4.}}, f64);
  EXPECT_TRUE(torch::equal(circulant_rows(taps, 4, 2)[0], expected)) << circulant_rows(taps, 4, 2);
}

TEST(periodic_filter_errors, what_does_not_fit_is_refused) {
  const PeriodicFilter filter{torch::ones({2, 1, 9}), torch::zeros({2}), 4, 1};
  const auto x = torch::zeros({1, 2, 16});
  EXPECT_NO_THROW(smooth(filter, x));
  EXPECT_NO_THROW(smooth(filter, torch::zeros({1, 2, 15})));  // only restriction needs multiples
  EXPECT_THROW(restrict_to_coarse(filter, torch::zeros({1, 2, 15})), DataError);
  EXPECT_THROW(smooth(filter, torch::zeros({1, 3, 16})), DataError);         // channels
  EXPECT_THROW(smooth(filter, torch::zeros({1, 2, 4, 4})), DataError);       // axes
  EXPECT_THROW(smooth({filter.kernel, filter.bias, 4, 2}, x), ConfigError);  // taps
  EXPECT_THROW(smooth({filter.kernel, torch::zeros({1}), 4, 1}, x), ConfigError);
  EXPECT_THROW(smooth({filter.kernel, filter.bias, 0, 1}, x), ConfigError);
  const PeriodicFilter plane{torch::ones({1, 1, 3, 3}), torch::zeros({1}), 1, 1};
  EXPECT_THROW(smooth(plane, torch::zeros({1, 1, 4, 4}), FilterPath::circulant), ConfigError);
}

}  // namespace
}  // namespace msde
