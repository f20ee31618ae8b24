#include "msde/ops/periodic_filter.hpp"
#include "msde/tensor/golden.hpp"

namespace msde {
namespace {

using Parameter = std::tuple<torch::ScalarType, FilterPath>;

std::string name_of(const testing::TestParamInfo<Parameter>& info) {
  const auto [type, path] = info.param;
  return std::string(type == torch::kDouble ? "float64" : "float32") +
         (path == FilterPath::convolution ? "_convolution" : "_circulant");
}

class golden_periodic_filter : public testing::TestWithParam<Parameter> {};
INSTANTIATE_TEST_SUITE_P(types, golden_periodic_filter,
                         testing::Combine(testing::Values(torch::kDouble, torch::kFloat),
                                          testing::Values(FilterPath::convolution, FilterPath::circulant)),
                         name_of);

TEST_P(golden_periodic_filter, every_group) {
  const auto [type, path] = GetParam();
  const auto file = golden::open("periodic_filter.h5");
  for (const auto& group : golden::groups(file, "x", {"1d", "1d_channels", "2d", "2d_channels"})) {
    const auto read = [&, type = type](const std::string& name) {
      return golden::read(file, golden::in_group(group, name), type);
    };
    const PeriodicFilter filter{read("kernel"), read("bias"),
                                static_cast<int64_t>(golden::attribute(file, group, "stride")),
                                static_cast<int64_t>(golden::attribute(file, group, "n_sigma"))};
    const auto x = read("x"), z = read("z");
    const auto used = x.dim() == 3 ? path : FilterPath::automatic;  // circulant is for one axis
    const auto expect = [&, type = type](const torch::Tensor& got, const char* name) {
      const auto expected = golden::read(file, golden::in_group(group, name), torch::kDouble);
      golden::expect_near(got, expected, type, group + "/" + name);
    };
    expect(smooth(filter, x, used), "expected/smooth");
    expect(restrict_to_coarse(filter, x, used), "expected/restrict");
    expect(prolong(filter, z, used), "expected/prolong");
    golden::expect_all_tested(file, group, {"smooth", "restrict", "prolong"});
  }
}

}  // namespace
}  // namespace msde
