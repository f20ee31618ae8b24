#include "msde/baselines/coarse_dns/coarse_dns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "msde/baselines/test_data.hpp"
#include "msde/core/error.hpp"
#include "msde/pde/equations/cylinder_2d.hpp"

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
    EXPECT_THROW(fit({.data = data, .case_name = "cylinder_2d"}), ConfigError);  // another grid
    EXPECT_THROW(fit({.data = data, .case_name = "wave_1d", .n_zeta = 2}), ConfigError);
  }
  EXPECT_THROW(row("coarse_dns", "reference").fit({.data = data, .case_name = "wave_1d", .n_zeta = 30}),
               ConfigError);
  EXPECT_THROW(row("coarse_dns", "strong").fit({.data = data, .case_name = "wave_1d", .n_zeta = 1000}),
               ConfigError);
}

// The benchmark's points, of a flow with 10 cells a diameter, what is in the body 0.
struct CoarseCylinder : testing::Test {
  TestFolder folder;
  static Dataset short_series(const TestFolder& folder, double reynolds) {
    auto file = hdf5::File::create(folder / "wake.h5");
    Cylinder c;
    c.reynolds = reynolds, c.cells_per_diameter = 10;
    CylinderFlow flow(c);
    for (int i = 0; i < 40; ++i) flow.advance(.01);
    for (const std::string split : {"train", "val", "test"}) {
      std::vector<Tensor> x;
      for (int i = 0; i < 6; ++i) {
        flow.advance(.01);
        x.push_back(flow.at_points(CylinderPoints::spacing, CylinderPoints::shape));
      }
      const auto fluid = cylinder_fluid();
      const auto mask = torch::tensor(std::vector<int64_t>(fluid.begin(), fluid.end())).view({320, 80});
      write_tensor(file, split + "_x", (torch::stack(x) * mask).unsqueeze(0).to(torch::kFloat));
      write_tensor(file, split + "_t", (torch::arange(6, torch::kFloat) * .01f).unsqueeze(0));
      write_tensor(file, split + "_mu", torch::full({1, 1}, reynolds, torch::kFloat));
    }
    file.set_attribute("/", "boundary", std::string("inflow:outflow,wall"));
    file.set_attribute("/", "length", std::vector<double>{4, 1});
    file.close();
    return Dataset::open(folder / "wake.h5");
  }
};

TEST_F(CoarseCylinder, IsTheSameSolverWithFewerCells) {
  const auto data = short_series(folder, 160);
  const BaselineContext context{.data = data, .case_name = "cylinder_2d", .n_zeta = 512};
  const auto strong = row("coarse_dns", "strong").fit(context);
  EXPECT_EQ(strong.facts.at("coarse_shape"), (std::vector<int64_t>{640, 80}));
  const auto reference = row("coarse_dns", "reference").fit(context);
  EXPECT_EQ(reference.facts.at("coarse_shape"), (std::vector<int64_t>{320, 40}));
  const double error = mean_relative_error(*strong.forecaster, data);
  EXPECT_LT(error, .02);  // what interpolation loses beside the body
  EXPECT_GT(mean_relative_error(*reference.forecaster, data), error);
  const auto curve = coarse_dns_resolutions(context);
  ASSERT_EQ(curve.size(), 3u);
  EXPECT_EQ(curve.back().unknowns, 2 * 640 * 80);
}

TEST_F(CoarseCylinder, KnowsTheFileThatIsGenerated) {
  auto options = default_generate_options("cylinder_2d");
  options.n_steps = 9, options.n_beyond = 2, options.cells_per_diameter = 10;
  const auto data = generated(folder, "cylinder_2d", options);
  EXPECT_FALSE(data.has_split("beyond"));
  EXPECT_EQ(data.grid().shape, (std::vector<int64_t>{320, 80}));
  EXPECT_NEAR(data.times("test")[0][0].item<double>(), .07, 1e-6);
  EXPECT_EQ(coarse_dns_resolutions({.data = data, .case_name = "cylinder_2d", .n_zeta = 512}).size(), 3u);
}

TEST_F(CoarseCylinder, TakesTheReynoldsNumberOfTheTrajectory) {
  const auto data = short_series(folder, 40);
  const auto fitted =
      row("coarse_dns", "strong").fit({.data = data, .case_name = "cylinder_2d", .n_zeta = 512});
  auto request = request_for(data, 1, 5);
  const auto wrong = fitted.forecaster->forecast(request).point;  // mu = 0: that of the case
  request.mu = data.mu("test");
  const auto right = fitted.forecaster->forecast(request).point;
  const auto truth = data.fields("test", 0, 0, 6);
  const auto error = [&](const Tensor& p) { return (p[0] - truth).norm().item<double>(); };
  EXPECT_LT(error(right), error(wrong));
}

}  // namespace
}  // namespace msde
