#include "msde/kernels/products.hpp"

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <cmath>
#include <limits>
#include <memory>

#include "msde/core/random/random.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {
namespace {

torch::Tensor draw(uint64_t number, at::IntArrayRef sizes) {
  auto x = torch::empty(sizes);
  fill_normal({73, Stream::test, number}, 0, x.numel(), x.data_ptr<float>());
  return x;
}

// A copy that ends where its memory ends: under asan reading behind it is found.
struct Exact {
  explicit Exact(const torch::Tensor& x) : values(new float[static_cast<size_t>(x.numel())]) {
    std::copy_n(x.contiguous().data_ptr<float>(), x.numel(), values.get());
  }
  std::unique_ptr<float[]> values;
};

void expect_product(const Product& p, const torch::Tensor& a, const torch::Tensor& b) {
  const auto before = draw(3, {p.m, p.n});
  auto expected = p.factor * torch::mm(a.to(torch::kDouble), b.to(torch::kDouble));
  if (p.keep != 0) expected += p.keep * before.to(torch::kDouble);
  const auto blank = p.keep != 0 ? before : torch::full_like(before, std::numeric_limits<float>::quiet_NaN());
  const Exact A(a), At(a.t()), B(b), Bt(b.t());
  const auto check = [&](const char* form, const auto& multiply) {
    const Exact c(blank);
    multiply(c.values.get());
    const auto got = torch::from_blob(c.values.get(), {p.m, p.n}).to(torch::kDouble);
    const double bound =
        1e-6 * (2 + std::abs(p.factor) * 6 * std::sqrt(static_cast<double>(p.k)));  // rounding of sums of k
    EXPECT_TRUE(p.m * p.n == 0 || (got - expected).abs().max().item<double>() < bound)
        << form << " " << p.m << " x " << p.n << " x " << p.k << ", factor " << p.factor << ", keep "
        << p.keep;
  };
  check("a b", [&](float* c) { p.of(A.values.get(), B.values.get(), c); });
  check("a^T b", [&](float* c) { p.of_transposed(At.values.get(), B.values.get(), c); });
  check("a b^T", [&](float* c) { p.by_transposed(A.values.get(), Bt.values.get(), c); });
}

void expect_products(at::IntArrayRef heights, at::IntArrayRef widths, at::IntArrayRef depths) {
  for (const int64_t m : heights)
    for (const int64_t n : widths)
      for (const int64_t k : depths) {
        const auto a = draw(1, {m, k}), b = draw(2, {k, n});
        for (const auto& [factor, keep] : {std::pair{1.f, 0.f}, {-.5f, 1.f}, {2.f, -1.5f}})
          expect_product({m, n, k, factor, keep}, a, b);
      }
}

class RowProducts : public testing::TestWithParam<int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }  // the processor's own again
};

TEST_P(RowProducts, have_tiles_of_all_sizes) {
  expect_products({1, 2, 3, 5, 6, 7, 11, 13, 19, 31}, {1, 3, 4, 15, 16, 17, 33, 64, 65, 130},
                  {0, 1, 3, 4, 5, 33});
}

// Beyond one panel in every direction.
TEST_P(RowProducts, add_up_panels) {
  expect_products({384, 385, 391}, {1, 64, 70}, {256, 257, 520});
}

INSTANTIATE_TEST_SUITE_P(instruction_sets, RowProducts,
                         testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& info) { return std::string(hwy::TargetName(info.param)); });

}  // namespace
}  // namespace msde
