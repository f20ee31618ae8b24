#include "msde/ops/strided_convolution.hpp"

#include <gtest/gtest.h>

#include "msde/tensor/testing/gradient_check.hpp"

namespace msde {
namespace {

using torch::Tensor;

Tensor draw(uint64_t i, at::IntArrayRef shape) {
  return normal({13, Stream::test, i}, shape, torch::kDouble);
}

struct Sizes {
  const char* name;
  std::vector<int64_t> coarse, taps;
};
struct strided_convolution_on : testing::TestWithParam<Sizes> {
  static std::vector<int64_t> joined(std::vector<int64_t> shape, const std::vector<int64_t>& tail) {
    shape.insert(shape.end(), tail.begin(), tail.end());
    return shape;
  }
  std::vector<int64_t> wide() const {
    std::vector<int64_t> n;
    for (size_t i = 0; i < GetParam().coarse.size(); ++i)
      n.push_back(2 * GetParam().coarse[i] + GetParam().taps[i] - 1);
    return n;
  }
};
INSTANTIATE_TEST_SUITE_P(axes, strided_convolution_on,
                         testing::Values(Sizes{"one", {6}, {5}}, Sizes{"two", {4, 3}, {3, 5}},
                                         Sizes{"three", {2, 3, 2}, {3, 3, 5}}),
                         [](const auto& info) { return info.param.name; });

TEST_P(strided_convolution_on, all_transposed_paths_agree_in_value_and_gradient) {
  const auto& s = GetParam();
  for (const int64_t outputs : {1, 6}) {
    for (const auto type : {torch::kDouble, torch::kFloat}) {  // oneDNN works in float32 alone
      std::vector<TransposedPath> paths = {TransposedPath::native, TransposedPath::input_gradient};
      if (s.taps.size() == 1 && type == torch::kFloat) paths.push_back(TransposedPath::lines);
      std::vector<Tensor> results[3];
      for (size_t way = 0; way < paths.size(); ++way) {
        const auto x = draw(0, joined({2, 3}, s.coarse)).to(type).requires_grad_();
        const auto kernel = draw(1, joined({3, outputs}, s.taps)).to(type).requires_grad_();
        const auto y = transposed_convolution(x, kernel, 2, paths[way]);
        ASSERT_EQ(y.sizes(), (at::IntArrayRef(joined({2, outputs}, wide()))));
        (y * draw(2, y.sizes()).to(type)).sum().backward();
        results[way] = {y.detach(), x.grad(), kernel.grad()};
      }
      for (size_t way = 1; way < paths.size(); ++way)
        for (size_t i = 0; i < 3; ++i)
          EXPECT_LT((results[0][i] - results[way][i]).abs().max().item<double>(),
                    (type == torch::kDouble ? 1e-14 : 1e-6) * results[0][i].abs().sum().item<double>())
              << type << " " << i;
    }
  }
}

// In float32 lines are convolved by line_convolution.hpp, in float64 by LibTorch.
TEST_P(strided_convolution_on, single_precision_agrees_with_double) {
  const auto& s = GetParam();
  for (const int64_t channels : {1, 6}) {
    std::vector<Tensor> results[2];
    for (const auto type : {torch::kDouble, torch::kFloat}) {
      const auto x = draw(11, joined({4, channels}, wide())).to(type).requires_grad_(),
                 kernel = draw(12, joined({3, channels}, s.taps)).to(type).requires_grad_(),
                 bias = draw(13, {3}).to(type).requires_grad_();
      const auto y = strided_convolution(x, kernel, bias, 2);
      (y * draw(14, y.sizes()).to(type)).sum().backward();
      for (const auto& t : {y.detach(), x.grad(), kernel.grad(), bias.grad()})
        results[type == torch::kFloat].push_back(t.to(torch::kDouble));
    }
    for (size_t i = 0; i < 4; ++i)
      EXPECT_LT((results[0][i] - results[1][i]).abs().max().item<double>(),
                1e-6 * results[0][i].abs().sum().item<double>())
          << i;
  }
}

TEST_P(strided_convolution_on, the_transpose_is_the_adjoint) {
  const auto& s = GetParam();
  const auto x = draw(3, joined({2, 6}, wide())), kernel = draw(4, joined({3, 6}, s.taps));
  const auto y = draw(5, joined({2, 3}, s.coarse));
  EXPECT_NEAR((strided_convolution(x, kernel, torch::zeros({3}, torch::kDouble), 2) * y).sum().item<double>(),
              (x * transposed_convolution(y, kernel, 2)).sum().item<double>(), 1e-11);
}

TEST_P(strided_convolution_on, gradients_equal_central_differences) {
  const auto& s = GetParam();
  const GradientCheckOptions exact{.step = 1e-3, .tolerance = 1e-9};  // bilinear: no truncation error
  for (const int64_t channels : {1, 6}) {                             // few and many take other paths
    expect_gradient(
        [](const auto& in) { return strided_convolution(in[0], in[1], in[2], 2); },
        {draw(6, joined({2, channels}, wide())), draw(7, joined({3, channels}, s.taps)), draw(8, {3})},
        exact);
    expect_gradient([](const auto& in) { return transposed_convolution(in[0], in[1], 2); },
                    {draw(9, joined({2, 3}, s.coarse)), draw(10, joined({3, channels}, s.taps))}, exact);
  }
}

}  // namespace
}  // namespace msde
