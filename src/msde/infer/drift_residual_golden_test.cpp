#include "msde/infer/elbo.hpp"
#include "msde/tensor/testing/golden.hpp"

namespace msde {
namespace {

class golden_drift_residual : public testing::TestWithParam<torch::ScalarType> {};
INSTANTIATE_TEST_SUITE_P(types, golden_drift_residual, testing::Values(torch::kDouble, torch::kFloat),
                         [](const auto& info) {
                           return info.param == torch::kDouble ? "float64" : "float32";
                         });

TEST_P(golden_drift_residual, integral_of_every_group) {
  const auto type = GetParam();
  const auto file = golden::open("drift_residual.h5");
  for (const auto& group : golden::groups(file, "drift_A", {"small", "window64"})) {
    auto read = [&](const std::string& name) {
      return golden::read(file, golden::in_group(group, name), type);
    };
    const auto t = read("t");
    const Marginals q = {read("mean"), read("var"), read("dmean"), read("dlogvar")};
    const auto z = q.mean + q.var.sqrt() * read("eps");
    const auto drift = torch::mm(z, read("drift_A").t()) + read("drift_b") + torch::sin(t).unsqueeze(1);

    const double duration = (t[-1] - t[0]).item<double>();
    const auto integral = drift_residual_integral(q, z, drift, read("dispersion"), duration);

    const auto path = golden::in_group(group, "expected/integral");
    golden::expect_near(integral, golden::read(file, path, torch::kDouble), type, path);
    golden::expect_all_tested(file, group, {"integral"});
  }
}

}  // namespace
}  // namespace msde
