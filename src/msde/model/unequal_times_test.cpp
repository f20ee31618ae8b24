// What a model makes of windows and frames that are not equally spaced.
#include <gtest/gtest.h>

#include <cmath>

#include "msde/model/forecaster.hpp"
#include "msde/model/free_runs.hpp"
#include "msde/model/fused/choose.hpp"
#include "msde/model/test_model.hpp"

namespace msde {
namespace {

torch::Tensor draw(uint64_t number, at::IntArrayRef shape, torch::ScalarType type = torch::kDouble) {
  return normal({83, Stream::test, number}, shape, type);
}

// [B, W] from 0 on, spacings between .2 and 1.8 times `mean`.
torch::Tensor nodes(int64_t B, int64_t W, double mean) {
  const auto spacing = mean * (.2 + 1.6 * uniform({83, Stream::test, 99}, {B, W - 1}, torch::kDouble));
  return torch::cat({torch::zeros({B, 1}, torch::kDouble), spacing.cumsum(1)}, 1);
}

double difference(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

// Against k(T, T) (K + nu I)^-1 and its derivative written down for each window by itself.
TEST(UnequalTimes, OperatorsAreThoseOfTheFormula) {
  PosteriorKernel posterior(/*learned_warp=*/false);
  posterior->to(torch::kDouble);
  const torch::NoGradGuard no_grad;
  constexpr int64_t W = 9;
  const auto t = nodes(3, W, .02);
  const auto gp = posterior->operators(t);
  const GpKernel k = posterior->kernel(W);
  const double ell = k.length.item<double>(), a = k.amplitude.item<double>(), nu = k.noise_var.item<double>();
  for (int64_t b = 0; b < 3; ++b) {
    const double first = t[b][0].item<double>(), half = .5 * (t[b][W - 1].item<double>() - first);
    auto K = torch::empty({W, W}, torch::kDouble), dK = torch::empty({W, W}, torch::kDouble);
    for (int64_t i = 0; i < W; ++i)
      for (int64_t j = 0; j < W; ++j) {
        const double lag = (t[b][i].item<double>() - t[b][j].item<double>()) / half;
        const double value = a * std::exp(-lag * lag / (2 * ell * ell));
        K[i][j] = value;
        dK[i][j] = -value * lag / (ell * ell) / half;
      }
    const auto inverse = torch::linalg_inv(K + nu * torch::eye(W, torch::kDouble));
    const auto about_mean = torch::eye(W, torch::kDouble) - 1. / W;
    EXPECT_LT(difference(gp.value[b], 1. / W + K.mm(inverse).mm(about_mean)), 1e-10);
    EXPECT_LT(difference(gp.derivative[b], dK.mm(inverse).mm(about_mean)), 1e-10);
  }
}

TEST(UnequalTimes, OperatorsOfEqualSpacingAreTheUsualOnes) {
  for (const bool warped : {false, true}) {
    PosteriorKernel posterior(warped);
    posterior->to(torch::kDouble);
    const torch::NoGradGuard no_grad;
    const auto usual = posterior->operators(12, .03);
    const auto own = posterior->operators((.03 * torch::arange(12, torch::kDouble)).expand({2, 12}));
    for (int64_t b = 0; b < 2; ++b) {
      EXPECT_LT(difference(own.value[b], usual.value), 1e-9);
      EXPECT_LT(difference(own.derivative[b], usual.derivative), 1e-9);
    }
  }
}

TEST(UnequalTimes, TheDerivativeOfASmoothSeriesIsItsSlope) {
  PosteriorKernel posterior(false);
  posterior->to(torch::kDouble);
  const torch::NoGradGuard no_grad;
  const auto t = nodes(2, 40, .025);
  const auto gp = posterior->operators(t);
  const auto series = (3 * t).sin().unsqueeze(-1), slope = 3 * (3 * t).cos();
  const auto got = torch::matmul(gp.derivative, series).squeeze(-1);
  EXPECT_LT((got - slope).narrow(1, 5, 30).abs().max().item<double>(), .15);
}

TEST(UnequalTimes, WeightsOfEqualNodesAreAlikeAndOthersIntegrateToFirstOrder) {
  const auto equal = node_weights(.1 * torch::arange(7, torch::kDouble));
  EXPECT_LT((equal - 6 * .1 / 7).abs().max().item<double>(), 1e-14);
  EXPECT_LT(
      node_weights(nodes(3, 11, .1)).sum(1).sub(nodes(3, 11, .1).select(1, 10)).abs().max().item<double>(),
      1e-14);
  double before = 0;
  for (const int64_t W :
       {50, 100, 200, 400}) {  // exp over [0, 2], spacings that vary smoothly by a factor of 9
    const auto s = torch::linspace(0, 1, W, torch::kDouble), t = 2 * (s + .8 * s * (s - 1));
    const double error = std::abs((node_weights(t) * t.exp()).sum().item<double>() - (std::exp(2) - 1));
    if (before > 0) EXPECT_NEAR(before / error, 2, .15) << W;
    before = error;
  }
}

struct Setting {
  MultiscaleModel model;
  Exogenous in;
  torch::Tensor z0;
  TimeGrid grid;
};

constexpr int64_t B = 3, K = 8;

Setting setting(const ModelSpec& spec, torch::ScalarType type) {
  Setting s = {small_model(spec), {}, {}, {}};
  to_type(*s.model, type);
  const auto t = nodes(B, K, .05);
  s.in = {draw(2, {B, 1}, type), draw(3, {B, K, 1}, type), torch::full({B}, .3, type), .05, t};
  s.z0 = draw(4, {B, s.model->n_z()}, type);
  s.grid = {0, .05, K - 1, 1, unequal_steps(t, [](double longest) { return longest > .06 ? 3 : 2; })};
  return s;
}

std::vector<ModelSpec> specs() {
  auto with_time = small_spec("reduced");
  with_time.options.micro_time = "on", with_time.options.dispersion = "linear";
  return {small_spec("reduced"), with_time, small_plane_spec("reduced", {Boundary::open, Boundary::wall})};
}

TEST(UnequalTimes, FusedPathsAndTheirGradientsAreThoseOfTheSteps) {
  for (const auto& spec : specs()) {
    auto s = setting(spec, torch::kFloat);
    auto z0 = s.z0.clone().requires_grad_();
    const auto fused = mean_path(s.model, s.in, z0, s.grid);
    const auto plain = mean_path_by_steps(s.model, s.in, z0, s.grid);
    EXPECT_LT(difference(fused, plain), 1e-5);
    const auto weight = draw(9, fused.sizes(), torch::kFloat);
    auto inputs = s.model->drift->parameters();
    inputs.push_back(z0);
    const auto got = torch::autograd::grad({(weight * fused).sum()}, inputs, {}, c10::nullopt, false, true);
    const auto expected =
        torch::autograd::grad({(weight * plain).sum()}, inputs, {}, c10::nullopt, false, true);
    for (size_t i = 0; i < inputs.size(); ++i)
      if (expected[i].defined()) EXPECT_LT(difference(got[i], expected[i]), 1e-3) << i;

    const torch::NoGradGuard no_grad;
    const auto start = s.z0 + .1 * draw(10, {5, B, s.model->n_z()}, torch::kFloat);
    const auto members = fused_member_paths(s.model, s.in, start, s.grid, 6);
    ASSERT_TRUE(members);
    const auto by_steps = integrate(Scheme::srk, latent_sde(s.model, s.in, *s.grid.unequal), start,
                                    *s.grid.unequal, keyed_brownian_path(6, start.sizes(), start.options()))
                              .movedim(0, 2);
    EXPECT_LT(difference(*members, by_steps), 1e-5);
  }
}

// A path at unequal times is the path of many equal steps, seen there.
TEST(UnequalTimes, APathIsThatOfFineEqualStepsAtTheSameInstants) {
  for (const auto& spec : specs()) {
    auto s = setting(spec, torch::kDouble);
    const torch::NoGradGuard no_grad;
    // Frames are multiples of 1/1000 here, so that equal steps meet them; the forcing is a line.
    auto t = (nodes(B, K, .05) / 1e-3).round() * 1e-3;
    s.in.times = t;
    s.in.forcing = (1 + 2 * t).unsqueeze(-1);
    s.grid.unequal = unequal_steps(t, [](double) { return 12; });
    const auto own = mean_path(s.model, s.in, s.z0, s.grid);
    Exogenous even = s.in;
    even.times = torch::Tensor();
    even.dt = 1e-3;
    const auto n = static_cast<int64_t>(std::llround(t.max().item<double>() / 1e-3));
    even.forcing = (1 + 2e-3 * torch::arange(n + 1, torch::kDouble)).view({1, -1, 1}).expand({B, n + 1, 1});
    const auto fine = mean_path(s.model, even, s.z0, {0, 1e-3, n, 1});
    for (int64_t b = 0; b < B; ++b) {
      const auto at = (t[b] / 1e-3).round().to(torch::kLong);
      EXPECT_LT(difference(own[b], fine[b].index_select(0, at)), 1e-7);
    }
  }
}

TEST(UnequalTimes, ForcingIsLinearBetweenItsOwnTimesAndHeldBeyond) {
  const auto given = torch::tensor({{0., 1., 4.}, {0., 2., 3.}}, torch::kDouble);
  const Exogenous in = {torch::zeros({2, 0}, torch::kDouble),
                        torch::tensor({{1., 3., 0.}, {5., 5., 7.}}, torch::kDouble).unsqueeze(-1),
                        torch::zeros({2}, torch::kDouble), 1, given};
  const auto f =
      inputs_at(in, torch::tensor({{0., .5, 1., 2.5, 4., 9.}, {0., .5, 2., 2.5, 3., 9.}}, torch::kDouble)).f;
  const auto expected =
      torch::tensor({{1., 2., 3., 1.5, 0., 0.}, {5., 5., 5., 6., 7., 7.}}, torch::kDouble).unsqueeze(-1);
  EXPECT_LT((f - expected).abs().max().item<double>(), 1e-14);
  EXPECT_LT((inputs_at(in, torch::tensor({.5}, torch::kDouble)).f - expected.narrow(1, 1, 1))
                .abs()
                .max()
                .item<double>(),
            1e-14);
}

TEST(UnequalTimes, AForecastAtEqualTimesIsTheUsualOne) {
  auto model = small_model(small_spec("reduced"));
  to_type(*model, torch::kFloat);
  model->integration_step.fill_(.012);
  ForecastRequest r;
  r.first = draw(1, {2, 1, 120}, torch::kFloat), r.mu = torch::zeros({2, 1});
  r.forcing = draw(2, {2, K, 1}, torch::kFloat);
  r.t0 = .3, r.dt = .02, r.n_steps = K - 1, r.members = 4, r.decoder_noise = false;
  const auto usual = ModelForecaster(model, {}).forecast(r);
  for (int64_t k = 0; k < K; ++k) r.times.push_back(.3 + .02 * static_cast<double>(k));
  const auto own = ModelForecaster(model, {}).forecast(r);
  EXPECT_LT(difference(own.point, usual.point), 1e-5);
  EXPECT_LT(difference(own.members, usual.members), 1e-5);
  EXPECT_EQ(own.drift_evaluations, usual.drift_evaluations);
  r.times[3] += .01;
  const auto late = ModelForecaster(model, {}).forecast(r).point;
  EXPECT_LT(difference(late[0][2], usual.point[0][2]), 1e-5);
  EXPECT_GT(difference(late[0][3], usual.point[0][3]), 1e-5);
}

}  // namespace
}  // namespace msde
