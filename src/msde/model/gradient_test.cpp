// Gradients of every module against central differences, in float64, with respect to inputs and parameters.
#include <gtest/gtest.h>

#include "msde/model/test_model.hpp"
#include "msde/tensor/testing/gradient_check.hpp"

namespace msde {
namespace {

torch::Tensor draw(uint64_t step, at::IntArrayRef shape) {
  return normal({21, Stream::test, step}, shape, torch::kDouble);
}

// Checks `output` of the model with respect to every parameter it uses.
void expect_parameter_gradients(MultiscaleModel& model, const std::function<torch::Tensor()>& output) {
  const auto parameters = model->parameters();
  std::vector<torch::Tensor> kept;
  for (const auto& p : parameters) kept.push_back(p.detach().clone());

  const auto projected = [&] {
    const auto y = output();
    return (y * normal({2027, Stream::test, 2}, y.sizes(), y.options().requires_grad(false))).sum();
  };
  const auto gradients =
      torch::autograd::grad({projected()}, parameters, {}, false, false, /*allow_unused=*/true);
  int64_t used = 0;
  torch::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!gradients[i].defined()) continue;
    ++used;
    const int64_t n = kept[i].numel(), checked = std::min<int64_t>(n, 6);
    for (int64_t c = 0; c < checked; ++c) {
      const int64_t entry = c * n / checked;
      const auto at = [&](double by) {
        auto moved = kept[i].clone();
        moved.view(-1)[entry] += by;
        torch::Tensor(parameters[i]).copy_(moved);
        return projected().item<double>();
      };
      const auto difference = [&](double h) { return (at(h) - at(-h)) / (2 * h); };
      const double exact = gradients[i].reshape({-1})[entry].item<double>();
      const auto agrees = [&](double h, double tolerance) {
        return std::abs(exact - difference(h)) <= tolerance * std::max(1.0, std::abs(exact));
      };
      // A ReLU may have its kink within the first step: then the second, a hundredth of it, must agree.
      EXPECT_TRUE(agrees(1e-5, 1e-6) || agrees(1e-7, 1e-5))
          << "parameter " << i << " entry " << entry << ": " << exact << ", not " << difference(1e-5);
    }
    torch::Tensor(parameters[i]).copy_(kept[i]);
  }
  EXPECT_GT(used, 0);
}

// The presets, and the options that neither of them chooses.
ModelSpec spec_of(const std::string& name) {
  if (name == "paper_wall_periodic") return small_plane_spec("paper", {Boundary::wall, Boundary::periodic});
  if (name == "paper_periodic_open") return small_plane_spec("paper", {Boundary::periodic, Boundary::open});
  if (name == "paper_ends_differ")
    return small_plane_spec("paper", {{Boundary::wall, Boundary::open}, {Boundary::open, Boundary::wall}});
  if (name == "reduced_open_wall") return small_plane_spec("reduced", {Boundary::open, Boundary::wall});
  auto spec = small_spec(name == "paper" ? "paper" : "reduced");
  auto& o = spec.options;
  if (name == "networks") o.phi = "mlp", o.psi = "mlp", o.dispersion = "linear", o.micro_time = "on";
  if (name == "linear_psi") o.psi = "linear", o.micro_decoder = "eta";
  return spec;
}

class ModuleGradients : public testing::TestWithParam<const char*> {
 protected:
  MultiscaleModel model = small_model(spec_of(GetParam()));
  int64_t n = model->coordinates->size();
  DriftInputs inputs(int64_t rows) { return {draw(1, {rows, 1}), draw(2, {rows, 1}), draw(3, {rows, 1})}; }
};
INSTANTIATE_TEST_SUITE_P(presets, ModuleGradients,
                         testing::Values("reduced", "paper", "networks", "linear_psi", "paper_wall_periodic",
                                         "paper_periodic_open", "paper_ends_differ", "reduced_open_wall"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(ModuleGradients, filter) {
  const auto y = draw(4, {3, n});
  expect_gradient(
      [&](const auto& in) {
        const auto s = model->scales();
        return torch::cat({s.restrict_to_macro(in[0]), s.residual(in[0])}, 1);
      },
      {y});
  expect_parameter_gradients(model, [&] {
    const auto s = model->scales();
    return torch::cat({s.residual(y), s.prolong(s.restrict_to_macro(y)), s.keep_micro(y)}, 1);
  });
}

TEST_P(ModuleGradients, encoder) {
  const auto y = draw(5, {3, n});
  expect_gradient([&](const auto& in) { return model->encode(in[0], model->scales()); }, {y});
  expect_parameter_gradients(model, [&] { return model->encode(y, model->scales()); });
}

TEST_P(ModuleGradients, decoder) {
  const auto z = draw(6, {3, model->n_z()});
  expect_gradient([&](const auto& in) { return model->decode(in[0], model->scales()); }, {z});
  expect_parameter_gradients(model, [&] { return model->decode(z, model->scales()); });
}

TEST_P(ModuleGradients, drift) {
  const auto z = draw(7, {3, model->n_z()});
  const auto with = inputs(3);
  expect_gradient(
      [&](const auto& in) {
        return model->drift->forward(in[0], {with.t, in[1], in[2]});
      },
      {z, with.mu, with.f});
  expect_parameter_gradients(model, [&] { return model->drift->forward(z, with); });
}

TEST_P(ModuleGradients, posterior) {
  expect_parameter_gradients(model, [&] {
    const auto gp = model->posterior->operators(7, 0.01);
    return torch::cat({gp.value, 0.01 * gp.derivative}, 0);
  });
}

TEST_P(ModuleGradients, likelihood_and_dispersion) {
  const auto a = draw(8, {3, n}), z = draw(9, {3, model->n_z()});
  const auto off = draw(10, {3}).square();
  expect_parameter_gradients(model, [&] {
    const auto terms = log_likelihood(a, off, model->reconstruct(z, model->scales()),
                                      model->decoder->variances(), model->spec().grid.size());
    return terms.total() / 100 + model->dispersion->diagonal(draw(11, {1})).sum();
  });
}

// The closed-form time derivative of the posterior against differences in the query time.
TEST(Posterior, derivative_is_that_of_the_value) {
  const auto t = torch::arange(12, torch::kDouble) * 0.01,
             query = torch::linspace(0.003, 0.105, 9, torch::kDouble);
  Mlp net(MlpOptions{1, {5, 4}, 1, Activation::tanh});
  net->to(torch::kDouble);
  initialise(*net, 4, 0);
  const Warp warp = [&](const torch::Tensor& r) {
    auto [value, slope] = net->value_and_slope(r.unsqueeze(1));
    return WarpedTime{r + value.squeeze(1), 1 + slope.squeeze(1)};
  };
  const auto one = torch::ones({1}, torch::kDouble);
  const GpKernel kernel = {0.4 * one, 1.3 * one, 0.02 * one, warp};
  torch::NoGradGuard no_grad;
  const double h = 1e-6;
  const auto up = about_window_mean(gp_operators(kernel, t, query + h)).value;
  const auto down = about_window_mean(gp_operators(kernel, t, query - h)).value;
  const auto exact = about_window_mean(gp_operators(kernel, t, query)).derivative;
  EXPECT_LT(((up - down) / (2 * h) - exact).abs().max().item<double>() / exact.abs().max().item<double>(),
            1e-7);
  // A constant encoding stays that constant and does not move.
  EXPECT_LT((up.sum(1) - 1).abs().max().item<double>(), 1e-12);
  EXPECT_LT(exact.sum(1).abs().max().item<double>(), 1e-9);
}

}  // namespace
}  // namespace msde
