#include "msde/baselines/coarse_dns/coarse_dns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "msde/baselines/test_data.hpp"
#include "msde/core/error.hpp"

namespace msde {
namespace {

struct CoarseDnsOfACase : testing::TestWithParam<std::string> {
  TestFolder folder;
};
INSTANTIATE_TEST_SUITE_P(Cases, CoarseDnsOfACase, testing::Values("wave_1d", "kdv_1d"));

TEST_P(CoarseDnsOfACase, MorePointsAreBetterUpToTheNoise) {
  const auto data = generated(folder, GetParam(),
                              {.n_steps = 21, .n_train = 1, .n_val = 1, .n_test = 1, .noise_std = 1e-4});
  const auto curve = coarse_dns_resolutions({.data = data, .case_name = data.case_name(), .n_zeta = 40});
  ASSERT_EQ(curve.size(), 5u);
  double before = 10;
  for (const auto& [unknowns, fit] : curve) {
    const auto fitted = fit();
    EXPECT_EQ(unknowns, fitted.facts.at("coarse_shape")[0].get<int64_t>());
    const double error = mean_relative_error(*fitted.forecaster, data);
    EXPECT_LT(error, std::max(before / 2, 1e-3)) << unknowns;
    before = error;
  }
}

TEST(CoarseDns, ReferenceConvergesWithSecondOrder) {
  // A wave of smooth shape on its own grid: the error of central differences falls by four.
  TestFolder folder;
  const auto make = [](uint64_t) {
    const auto x = torch::arange(640, torch::kDouble) / 640, t = torch::arange(11, torch::kDouble) * .5;
    return torch::sin(2 * M_PI * (x - t.unsqueeze(1))).view({1, 11, 1, 640});
  };
  const auto data = written(folder, make);
  std::vector<double> errors;
  for (const int64_t n : {40, 80}) {
    const auto fitted =
        row("coarse_dns", "reference").fit({.data = data, .case_name = "wave_1d", .n_zeta = n});
    errors.push_back(mean_relative_error(*fitted.forecaster, data));
  }
  EXPECT_NEAR(std::log2(errors[0] / errors[1]), 2, .4);
}

TEST(CoarseDns, NeedsAKnownEquationAndAGridThatFits) {
  TestFolder folder;
  const auto data =
      generated(folder, "wave_1d", {.n_steps = 11, .n_train = 1, .n_val = 1, .n_test = 1, .noise_std = 0});
  for (const std::string variant : {"reference", "strong"}) {
    const auto fit = row("coarse_dns", variant).fit;
    EXPECT_THROW(fit({.data = data, .case_name = ""}), ConfigError);
    EXPECT_THROW(fit({.data = data, .case_name = "cylinder_2d"}), ConfigError);
    EXPECT_THROW(fit({.data = data, .case_name = "wave_1d", .n_zeta = 2}), ConfigError);
  }
  EXPECT_THROW(row("coarse_dns", "reference").fit({.data = data, .case_name = "wave_1d", .n_zeta = 30}),
               ConfigError);
  EXPECT_THROW(row("coarse_dns", "strong").fit({.data = data, .case_name = "wave_1d", .n_zeta = 1000}),
               ConfigError);
}

}  // namespace
}  // namespace msde
