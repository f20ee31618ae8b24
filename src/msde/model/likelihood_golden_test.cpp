#include "msde/model/likelihood.hpp"
#include "msde/tensor/testing/golden.hpp"

namespace msde {
namespace {

class golden_likelihood : public testing::TestWithParam<torch::ScalarType> {};
INSTANTIATE_TEST_SUITE_P(types, golden_likelihood, testing::Values(torch::kDouble, torch::kFloat),
                         [](const auto& info) {
                           return info.param == torch::kDouble ? "float64" : "float32";
                         });

TEST_P(golden_likelihood, equals_the_density_normalised_by_quadrature) {
  const auto type = GetParam();
  const auto file = golden::open("poe_likelihood.h5");
  const auto rows = golden::read(file, "y_macro_micro_varmacro_varmicro_logp", type);
  std::vector<torch::Tensor> got;
  for (int64_t i = 0; i < rows.size(0); ++i) {
    auto column = [&](int64_t j) { return rows[i].narrow(0, j, 1); };
    const auto terms = log_likelihood(column(0), torch::zeros({}, rows.options()), {column(1), column(2)},
                                      {column(3), column(4)}, 1);
    got.push_back(terms.total());
  }
  const auto expected =
      golden::read(file, "y_macro_micro_varmacro_varmicro_logp", torch::kDouble).select(1, 5);
  golden::expect_near(torch::stack(got), expected, type, "log p");
}

}  // namespace
}  // namespace msde
