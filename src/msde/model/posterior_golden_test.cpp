#include "msde/model/posterior.hpp"
#include "msde/tensor/testing/golden.hpp"

namespace msde {
namespace {

class golden_posterior : public testing::TestWithParam<torch::ScalarType> {};
INSTANTIATE_TEST_SUITE_P(types, golden_posterior, testing::Values(torch::kDouble, torch::kFloat),
                         [](const auto& info) {
                           return info.param == torch::kDouble ? "float64" : "float32";
                         });

// The warp subgroup holds a one-layer network with column weights w1 [h, 1], w2 [1, h]; ours are rows.
Warp warp_of(const hdf5::File& file, const std::string& group, torch::ScalarType type) {
  if (!file.has(group + "/warp")) return {};
  auto read = [&](const char* name) { return golden::read(file, group + "/warp/" + name, type); };
  const auto w1 = read("w1"), b1 = read("b1"), w2 = read("w2"), b2 = read("b2");
  Mlp net(MlpOptions{1, {w1.size(0)}, 1, Activation::leaky_relu});
  net->to(type);
  torch::NoGradGuard no_grad;
  auto parameters = net->named_parameters();
  parameters["weight0"].copy_(w1.t());
  parameters["bias0"].copy_(b1);
  parameters["weight1"].copy_(w2.t());
  parameters["bias1"].copy_(b2);
  return [net](const torch::Tensor& r) mutable {
    auto [value, slope] = net->value_and_slope(r.unsqueeze(1));
    return WarpedTime{r + value.squeeze(1), 1 + slope.squeeze(1)};
  };
}

TEST_P(golden_posterior, value_and_derivative_of_every_group) {
  const auto type = GetParam();
  const auto file = golden::open("gp_posterior.h5");
  for (const auto& group :
       golden::groups(file, "z_mean", {"identity_warp", "learned_warp", "paper_window"})) {
    ASSERT_NEAR(golden::attribute(file, group, "leaky_relu_slope"), 0.01, 1e-12);
    auto scalar = [&](const char* name) { return torch::tensor(golden::attribute(file, group, name), type); };
    auto read = [&](const std::string& name) {
      return golden::read(file, golden::in_group(group, name), type);
    };

    const GpKernel kernel = {scalar("ell"), scalar("amplitude"), scalar("noise_var"),
                             warp_of(file, group, type)};
    const auto gp = gp_operators(kernel, read("t"), read("t_query"));

    const auto z = read("z_mean"), s = read("z_logvar");
    const std::pair<const char*, torch::Tensor> rows[] = {{"mean", torch::mm(gp.value, z)},
                                                          {"logvar", torch::mm(gp.value, s)},
                                                          {"dmean", torch::mm(gp.derivative, z)},
                                                          {"dlogvar", torch::mm(gp.derivative, s)}};
    std::vector<std::string> tested;
    for (const auto& [name, value] : rows) {
      tested.push_back(name);
      const auto path = golden::in_group(group, std::string("expected/").append(name));
      golden::expect_near(value, golden::read(file, path, torch::kDouble), type, path);
    }
    golden::expect_all_tested(file, group, tested);
  }
}

}  // namespace
}  // namespace msde
