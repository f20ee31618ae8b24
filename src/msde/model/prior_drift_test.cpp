#include "msde/model/drift/prior_drift.hpp"

#include <gtest/gtest.h>

#include <numbers>

#include "msde/core/error.hpp"
#include "msde/model/free_runs.hpp"
#include "msde/model/fused/choose.hpp"
#include "msde/model/latent_spaces.hpp"
#include "msde/model/model_file.hpp"
#include "msde/model/test_model.hpp"
#include "msde/tensor/testing/gradient_check.hpp"

namespace msde {
namespace {

using std::numbers::pi;

torch::Tensor draw(uint64_t number, at::IntArrayRef shape) {
  return normal({57, Stream::test, number}, shape, torch::kDouble);
}

// Values of waves up to the 5th and a constant on 60 points of a ring of length 6, orthonormal columns [60, 11].
torch::Tensor waves() {
  const auto x = torch::arange(60, torch::kDouble) * (2 * pi / 60);
  std::vector<torch::Tensor> columns = {torch::ones_like(x) / std::sqrt(60.)};
  for (int k = 1; k <= 5; ++k)
    for (const auto& wave : {(k * x).cos(), (k * x).sin()}) columns.push_back(wave / std::sqrt(30.));
  return torch::stack(columns, 1);
}

ModelSpec linear_spec(std::vector<std::string> terms) {
  auto spec = small_spec("reduced");
  spec.grid = {.channels = 1, .shape = {60}, .length = {6.}, .boundary = {Boundary::periodic}, .axes = {"x"}};
  spec.options.n_zeta = {6};
  spec.options.n_eta = 5;
  spec.options.micro_decoder = "linear";
  spec.options.prior.terms = std::move(terms);
  spec.n_reduced = 11;
  spec.units = {.centre = {.5}, .scale = {2.}, .constant = {}, .time_origin = 1, .time_scale = .25};
  spec.channel_noise = {.05};
  return spec;
}

// What small_model moves about.
void settle(MultiscaleModel& model) {
  auto& prior = *model->drift->prior();
  prior.measure(model->spec().units.time_origin, model->spec().units.time_scale);
  prior.set_coefficients((torch::arange(prior.terms().size()) < prior.terms().n_known).to(torch::kFloat));
}

// A linear model whose space is that of the waves, in float64.
MultiscaleModel linear_model(const ModelSpec& spec) {
  torch::NoGradGuard no_grad;
  auto model = small_model(spec);
  const auto V = waves();
  const auto turn = std::get<0>(torch::linalg_qr(draw(1, {11, 11})));
  model->coordinates->set_basis(V);
  const auto W = turn.narrow(0, 0, 6), N = turn.narrow(0, 6, 5);
  std::dynamic_pointer_cast<ReducedFilter>(model->filter)
      ->set_maps(torch::zeros({3, 11, 11}), W.expand({3, 6, 11}));
  model->encoder->set_units({torch::full({6}, .2, torch::kDouble), torch::full({6}, 1.5, torch::kDouble)}, 1);
  const auto scale = torch::tensor({1., .8, .6, .5, .4}, torch::kDouble).unsqueeze(1);
  model->encoder->set_linear(N / scale);
  model->decoder->set_linear(N * scale);
  settle(model);
  return model;
}

DriftInputs inputs_of(int64_t rows) {
  return {draw(11, {rows, 1}), .5 + .1 * draw(12, {rows, 1}), draw(13, {rows, 1})};
}

TEST(LinearModel, encodes_and_decodes_without_loss) {
  auto model = linear_model(linear_spec({"-u*dx(u)"}));
  const auto a = draw(2, {4, 11});
  const auto scales = model->scales();
  EXPECT_TRUE(torch::allclose(model->decode(model->encode(a, scales), scales), a, 1e-10, 1e-10));
  const auto parts = model->reconstruct(model->encode(a, scales), scales);
  const auto gate = model->decoder->variances().gate();
  EXPECT_TRUE(torch::allclose(parts.macro + gate * parts.micro, a, 1e-10, 1e-10));
  EXPECT_LT(torch::matmul(parts.micro, scales.matrices->restriction).abs().max().item<double>(), 1e-10);
}

// The rate of change that Galerkin's projection has, written out with matrices of derivatives: y = V a in units of the
// data is .5 + 2 V a, time .25 of theirs.
TEST(PriorDrift, at_decoded_fields_is_the_projection_of_galerkin) {
  auto spec = linear_spec({"-u*dx(u)", "-mu[0]*dx(dx(dx(u)))", "f[0]*sin(2*pi*x/6)"});
  spec.options.closure = "none";
  auto model = linear_model(spec);
  const auto V = waves();
  auto D = torch::zeros({11, 11},
                        torch::kDouble);  // d/dx in the basis of waves: of cos k x/..: -k sin, of sin k cos
  for (int k = 1; k <= 5; ++k) {
    D[2 * k][2 * k - 1] = -k * 2 * pi / 6;
    D[2 * k - 1][2 * k] = k * 2 * pi / 6;
  }
  const auto rows = inputs_of(3);
  const auto z = draw(3, {3, 11});
  const auto scales = model->scales();
  const auto a = model->decode(z, scales);
  const auto u = .5 + 2 * torch::matmul(a, V.t());
  const auto d1 = 2 * torch::matmul(torch::matmul(a, D.t()), V.t());
  const auto d3 = 2 * torch::matmul(torch::matmul(a, D.mm(D).mm(D).t()), V.t());
  const auto x = torch::arange(60, torch::kDouble) * .1;
  const auto rate = -u * d1 - rows.mu * d3 + rows.f * (2 * pi * x / 6).sin();
  const auto a_dot =
      .25 *
      torch::matmul(rate / 2, V);  // 60 points tell products of waves up to the 10th from the first five
  const auto expected = model->encode(a_dot, scales) - model->encode(torch::zeros_like(a_dot), scales);
  const auto got = model->drift->forward(z, rows);
  EXPECT_TRUE(torch::allclose(got, expected, 1e-5, 1e-6)) << (got - expected).abs().max();
}

// Zeta as values at coarse points: the solver of the same differences, by RK4, without noise or network.
TEST(PriorDrift, at_the_macroscale_is_the_coarse_solver) {
  for (const std::string preset : {"reduced", "paper"}) {
    auto spec = small_spec(preset);
    spec.options.prior = {.terms = {"-u*dx(u) + .01*dx(dx(u))"}, .at = "macro", .differences = "second"};
    spec.options.closure = "none";
    auto model = small_model(spec);
    settle(model);
    const auto [mean, std] = model->encoder->units();
    const double h = 1. / 8, dt = .01;
    const auto rhs = [&](const torch::Tensor& u) {
      const auto r = u.roll(-1, -1), l = u.roll(1, -1);
      return -u * (r - l) / (2 * h) + .01 * (r - 2 * u + l) / (h * h);
    };
    const auto z0 = .5 * draw(4, {2, 10});
    const TimeGrid grid = {0, dt, 5, 1};
    const Exogenous in = {torch::zeros({2, 1}, torch::kDouble), torch::zeros({2, 6, 1}, torch::kDouble),
                          torch::zeros({2}, torch::kDouble), dt};
    const auto path = mean_path(model, in, z0, grid);
    auto u = z0.narrow(1, 0, 8) * std + mean;
    for (int k = 0; k < 5; ++k) {
      const auto k1 = rhs(u), k2 = rhs(u + dt / 2 * k1), k3 = rhs(u + dt / 2 * k2), k4 = rhs(u + dt * k3);
      u = u + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
    }
    EXPECT_TRUE(torch::allclose(path.select(1, 5).narrow(1, 0, 8) * std + mean, u, 1e-5, 1e-6)) << preset;
    EXPECT_TRUE(path.select(1, 5).narrow(1, 8, 2).equal(z0.narrow(1, 8, 2)));  // nothing moves eta
  }
}

// What is kept as a polynomial, and the same term on the grid, which a function of nothing makes of it.
TEST(PriorDrift, on_the_grid_is_the_polynomial) {
  auto polynomial = linear_model(linear_spec({"-u*dx(u) + mu[0]*u"})),
       on_grid = linear_model(linear_spec({"-u*dx(u) + mu[0]*u + 0*exp(u)"}));
  EXPECT_TRUE(on_grid->drift->prior()->terms().pieces[1].is_polynomial !=
              on_grid->drift->prior()->terms().pieces[0].is_polynomial);
  const auto z = .3 * draw(5, {3, 11});
  const auto rows = inputs_of(3);
  const auto difference =
      polynomial->drift->prior()->of_terms(z, rows) - on_grid->drift->prior()->of_terms(z, rows);
  EXPECT_LT(difference.abs().max().item<double>(), 2e-5);
}

TEST(PriorDrift, has_the_gradients_of_central_differences) {
  for (const std::string term : {"-u*dx(u) - mu[0]*dx(dx(u))", "sin(u)*dx(u)"}) {
    auto model = linear_model(linear_spec({term}));
    const auto rows = inputs_of(2);
    expect_gradient([&](const std::vector<torch::Tensor>& z) { return model->drift->forward(z[0], rows); },
                    {.3 * draw(6, {2, 11})});
  }
}

// Paths and their gradients by kernels, and as operations; with a network beside and alone, terms that are learned and fixed.
TEST(PriorDrift, has_the_same_paths_in_plain_memory) {
  for (const std::string closure : {"network", "none"})
    for (const bool learn : {true, false}) {
      auto spec = linear_spec({"-u*dx(u)", "-mu[0]*dx(dx(dx(u))) + t*u"});
      spec.options.prior.candidates = {"dx(dx(u))"};
      spec.options.prior.learn = learn;
      spec.options.closure = closure;
      spec.options.micro_time = "on";
      auto model = linear_model(spec);
      model->drift->prior()->set_coefficients(torch::tensor({1.2, .8, -.01}));
      to_type(*model, torch::kFloat);
      ASSERT_TRUE(fused_drift(model));
      const auto f32 = [](const torch::Tensor& x) { return x.to(torch::kFloat); };
      const auto z0 = f32(.3 * draw(7, {5, 11}));
      const Exogenous in = {f32(.5 + .1 * draw(8, {5, 1})), f32(draw(9, {5, 4, 1})), torch::zeros({5}), 0.02};
      const TimeGrid grid = {0, 0.02, 3, 2};
      const auto upstream = f32(draw(10, {5, 4, 11}));
      std::vector<torch::Tensor> parameters;
      for (const auto& p : model->drift->parameters())
        if (p.requires_grad()) parameters.push_back(p);
      ASSERT_EQ(parameters.front().sizes(), torch::IntArrayRef({3}));  // the coefficients
      const auto gradients = [&](auto path) {
        return torch::autograd::grad({path(model, in, z0, grid)}, parameters, {upstream}, {}, false, true);
      };
      const auto fused = gradients(mean_path), plain = gradients(mean_path_by_steps);
      for (size_t i = 0; i < parameters.size(); ++i) {
        ASSERT_EQ(fused[i].defined(), plain[i].defined()) << i;
        if (plain[i].defined())
          EXPECT_LE((fused[i] - plain[i]).norm().item<double>(), 1e-4 * plain[i].norm().item<double>()) << i;
      }
      EXPECT_EQ(plain[0][0].item<double>() == 0, !learn);
      EXPECT_NE(plain[0][2].item<double>(), 0);
      EXPECT_TRUE(torch::allclose(mean_path(model, in, z0, grid), mean_path_by_steps(model, in, z0, grid),
                                  1e-4, 1e-5));
      const torch::NoGradGuard no_grad;
      const auto start = z0.unsqueeze(0);
      const auto members = ensemble_paths(model, in, start, grid, Scheme::srk, 3);
      EXPECT_TRUE(members.isfinite().all().item<bool>());
    }
}

TEST(PriorDrift, measures_the_rate_that_bounds_a_step) {
  auto model =
      linear_model(linear_spec({"-dx(u)"}));  // eigenvalues i k 2 pi / 6, k up to 5, in time of .25 units
  model->drift->prior()->measure_stiffness(draw(3, {2, 11}), inputs_of(2));
  EXPECT_NEAR(model->drift->prior()->stiffness(), .25 * 5 * 2 * pi / 6 / 2.5, 1e-6);
  EXPECT_EQ(model->drift->fastest_rate(), std::max(model->drift->rate(), model->drift->prior()->stiffness()));
}

TEST(PriorDrift, comes_back_from_a_file) {
  auto spec = linear_spec({"-u*dx(u)"});
  spec.options.prior.candidates = {"dx(dx(u))"};
  spec.n_first = 2;
  auto model = linear_model(spec);
  model->drift->prior()->set_coefficients(torch::tensor({1., -.5}));
  to_type(*model, torch::kFloat);
  const auto folder = testing::TempDir() + "prior_drift_model";
  save_model(model, folder);
  auto loaded = load_model(folder);
  const auto z = draw(3, {2, 11}).to(torch::kFloat);
  const auto rows = inputs_of(2);
  const DriftInputs f32 = {rows.t.to(torch::kFloat), rows.mu.to(torch::kFloat), rows.f.to(torch::kFloat)};
  EXPECT_TRUE(loaded->drift->forward(z, f32).equal(model->drift->forward(z, f32)));
}

TEST(PriorTerms, name_channels_of_several) {
  const ExpressionNames names = {.channels = {"u", "v"}, .axes = {"y", "x"}};
  const auto prior = read_prior({.terms = {"u: -u*dx(u) ; v: -u*dx(v)"}}, names);
  ASSERT_EQ(prior.pieces.size(), 1u);
  EXPECT_TRUE(prior.pieces[0].of_channels[0] && prior.pieces[0].of_channels[1]);
  const auto error_of = [&](const std::string& term) -> std::string {
    try {
      read_prior({.terms = {"u: u", term}}, names);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(error_of("u").find("prior.terms[1]: got no channel"), std::string::npos) << error_of("u");
  EXPECT_NE(error_of("w: u").find("the equation of 'w'"), std::string::npos);
  EXPECT_NE(error_of("u: u; u: v").find("two equations"), std::string::npos);
  EXPECT_NE(error_of("u: u; v: u*w").find("column 12: got 'w'"), std::string::npos)
      << error_of("u: u; v: u*w");
  EXPECT_NE(error_of("").find("got no channel"), std::string::npos);
}

TEST(PriorChecks, refuse_what_a_prior_cannot_act_on) {
  const auto refused = [](auto change) {
    auto spec = linear_spec({"-u*dx(u)"});
    change(spec);
    EXPECT_THROW(check_prior(spec.options, spec.grid), ConfigError);
  };
  refused([](ModelSpec& s) { s.options.micro_decoder = "eta_zeta"; });
  refused([](ModelSpec& s) { s.options.prior.at = "macro"; });
  refused([](ModelSpec& s) { s.options.prior.terms.clear(), s.options.closure = "none"; });
  refused([](ModelSpec& s) { s.options.preset = "paper", s.options.prior.at = "decoded"; });
}

}  // namespace
}  // namespace msde
