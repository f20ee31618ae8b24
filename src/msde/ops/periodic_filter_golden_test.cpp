// Smoothing, restriction and tied prolongation on periodic grids against an independent implementation, by
// both ways that the paper's filter is computed.
#include "msde/ops/circulant.hpp"
#include "msde/ops/grid_filter.hpp"
#include "msde/tensor/testing/golden.hpp"

namespace msde {
namespace {

using torch::Tensor;

struct Maps {
  std::function<Tensor(const Tensor&)> smooth, transposed;  // of [N, C, *grid]
};

Maps by_transform(const Tensor& kernel, const Tensor& x) {
  const GridFilter filter(kernel, x.sizes().slice(2).vec(),
                          std::vector<AxisEnds>(x.dim() - 2, Boundary::periodic));
  return {[=](const Tensor& y) { return filter.filtered(y); },
          [=](const Tensor& y) { return filter.transposed(y); }};
}

Maps by_matrix(const Tensor& kernel, const Tensor& x) {
  const auto S = circulant_rows(kernel, x.size(2), 1);  // [C, n, n]
  return {[=](const Tensor& y) {
            return torch::einsum("bci,cji->bcj", {y, S});
          },
          [=](const Tensor& y) {
            return torch::einsum("bcj,cji->bci", {y, S});
          }};
}

Tensor every(Tensor y, int64_t stride) {
  for (int64_t dim = 2; dim < y.dim(); ++dim) y = y.slice(dim, 0, c10::nullopt, stride);
  return y;
}

class golden_periodic_filter : public testing::TestWithParam<torch::ScalarType> {};
INSTANTIATE_TEST_SUITE_P(types, golden_periodic_filter, testing::Values(torch::kDouble, torch::kFloat),
                         [](const auto& info) {
                           return info.param == torch::kDouble ? "float64" : "float32";
                         });

TEST_P(golden_periodic_filter, every_group) {
  const auto type = GetParam();
  const auto file = golden::open("periodic_filter.h5");
  for (const auto& group : golden::groups(file, "x", {"1d", "1d_channels", "2d", "2d_channels"})) {
    const auto read = [&](const std::string& name) {
      return golden::read(file, golden::in_group(group, name), type);
    };
    const auto kernel = read("kernel").squeeze(1), x = read("x"), z = read("z");
    const auto stride = static_cast<int64_t>(golden::attribute(file, group, "stride"));
    std::vector<int64_t> per_channel(x.dim() - 1, 1);
    per_channel[0] = x.size(1);
    const auto bias = read("bias").view(per_channel);
    const auto expect = [&](const Tensor& got, const char* name) {
      const auto expected = golden::read(file, golden::in_group(group, name), torch::kDouble);
      golden::expect_near(got, expected, type, group + "/" + name);
    };
    std::vector<Maps> ways = {by_transform(kernel, x)};
    if (x.dim() == 3) ways.push_back(by_matrix(kernel, x));
    for (const auto& maps : ways) {
      const auto smooth = maps.smooth(x) + bias;
      auto fine = torch::zeros_like(x);
      every(fine, stride).copy_(z);
      expect(smooth, "expected/smooth");
      expect(every(smooth, stride), "expected/restrict");
      expect(maps.transposed(fine) + bias, "expected/prolong");
    }
    golden::expect_all_tested(file, group, {"smooth", "restrict", "prolong"});
  }
}

}  // namespace
}  // namespace msde
