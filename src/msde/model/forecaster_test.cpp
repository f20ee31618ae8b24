#include "msde/model/forecaster.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "msde/model/free_runs.hpp"
#include "msde/model/fused/choose.hpp"
#include "msde/model/fused/member_paths.hpp"
#include "msde/model/test_model.hpp"

namespace msde {
namespace {

torch::Tensor draw(uint64_t number, at::IntArrayRef shape) {
  return normal({71, Stream::test, number}, shape, torch::kFloat);
}

constexpr int64_t B = 3, kSteps = 7;  // trajectories, frames after the first

struct Setting {
  MultiscaleModel model;
  ForecastRequest request;
  Exogenous in;
};

Setting setting(const ModelSpec& spec) {
  Setting s = {small_model(spec), {}, {}};
  to_type(*s.model, torch::kFloat);
  EXPECT_TRUE(fused_drift(s.model));
  s.model->integration_step.fill_(0.012);
  std::vector<int64_t> shape = {B, spec.grid.channels};
  shape.insert(shape.end(), spec.grid.shape.begin(), spec.grid.shape.end());
  s.request.first = draw(1, shape);
  s.request.mu = draw(2, {B, 1});
  s.request.forcing = draw(3, {B, kSteps + 1, 1});
  s.request.t0 = 0.3;
  s.request.dt = 0.02;
  s.request.n_steps = kSteps;
  s.request.members = 5;
  s.request.decoder_noise = false;
  s.request.seed = 9;
  s.in = {s.request.mu, s.request.forcing, torch::full({B}, 0.3f), 0.02};
  return s;
}

std::vector<ModelSpec> specs() {
  auto with_clock = small_spec("reduced"), macro_only = small_spec("reduced");
  with_clock.options.micro_time = "on";
  with_clock.options.dispersion = "linear";
  macro_only.options.n_eta = 0;
  return {small_spec("reduced"), with_clock, macro_only,
          small_plane_spec("reduced", {Boundary::open, Boundary::wall})};
}

torch::Tensor encoded(Setting& s) {
  const auto a = s.model->coordinates->project(s.request.first.flatten(1)).a;
  return s.model->encode(a, s.model->scales());
}

double difference(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

// The fused paths against the integrators of sde/ with the drift of DriftImpl::forward, which latent_sde uses
// where gradients are wanted.
TEST(ModelForecaster, paths_are_those_of_the_integrators) {
  for (const auto& spec : specs()) {
    auto s = setting(spec);
    const Sde plain = latent_sde(s.model, s.in);
    const torch::NoGradGuard no_grad;
    const auto forecast = ModelForecaster(s.model, {.substeps = 2}).forecast(s.request);
    const TimeGrid grid = {0, 0.02, kSteps, 2};
    const auto z0 = encoded(s);

    const torch::AutoGradMode with_gradients(true);
    const auto mean = integrate(Scheme::rk4, plain, z0, grid, {}).transpose(0, 1);
    EXPECT_LT(difference(forecast.zeta, mean.narrow(-1, 0, s.model->n_zeta())), 1e-5);

    const std::vector<int64_t> shape = {5, B, s.model->n_z()};
    const auto spread = s.model->initial_scale * (0.5 * s.model->encoder->log_variance()).exp();
    const auto start = z0 + spread * normal({9, Stream::first_state, 0}, shape, z0.options());
    const auto own = integration_error(s.model, s.in, mean.detach(), grid, Scheme::srk);
    const auto paths = without_error(
        s.model,
        integrate(Scheme::srk, plain, start, grid, keyed_brownian_path(9, shape, z0.options())).movedim(0, 2),
        mean, own);
    const auto fields =
        s.model->coordinates->expand(s.model->decode(paths.reshape({-1, s.model->n_z()}), s.model->scales()));
    EXPECT_LT(difference(forecast.members.reshape({fields.size(0), -1}), fields), 1e-5);
  }
}

TEST(ModelForecaster, drift_in_plain_memory_is_that_of_the_module) {
  for (const auto& spec : specs()) {
    auto s = setting(spec);
    const auto z = draw(4, {70, B, s.model->n_z()});
    const Sde plain = latent_sde(s.model, s.in);
    const torch::NoGradGuard no_grad;
    const Sde fused = latent_sde(s.model, s.in);
    const auto f = fused.drift(0.031, z);
    const torch::AutoGradMode with_gradients(true);
    EXPECT_LT(difference(f, plain.drift(0.031, z)), 2e-6);
  }
}

// Increments are drawn for many steps at a time; here for one.
TEST(ModelForecaster, paths_do_not_depend_on_how_much_noise_is_drawn_at_a_time) {
  auto s = setting(specs()[1]);
  const torch::NoGradGuard no_grad;
  const auto drift = fused_drift(s.model);
  MemberSteps steps;
  steps.steps = {.h = 0.01, .n_frames = 4, .substeps = 2};
  steps.dispersion = draw(5, {B, steps.steps.n_steps() + 1, s.model->n_z()}).abs();
  steps.outside = draw(6, {B, 2 * steps.steps.n_steps(), drift->kernel.n_outside});
  const auto start = draw(7, {50, B, s.model->n_z()});
  const auto at_once = member_paths(*drift, start, steps);
  steps.noise_bytes = 1;
  EXPECT_TRUE(member_paths(*drift, start, steps).equal(at_once));
  EXPECT_TRUE(at_once.isfinite().all().item<bool>());
}

// A member's numbers do not depend on how many others there are.
TEST(ModelForecaster, a_member_is_the_same_among_few_and_many) {
  auto s = setting(small_spec("reduced"));
  const auto many = ModelForecaster(s.model, {}).forecast(s.request).members;
  s.request.members = 2;
  const auto few = ModelForecaster(s.model, {}).forecast(s.request).members;
  EXPECT_LT(difference(few, many.narrow(0, 0, 2)), 1e-5);
}

// However coarse the steps: what an integrator adds of its own is no spread.
TEST(ModelForecaster, members_without_spread_are_the_point_prediction) {
  const torch::NoGradGuard no_grad;
  for (const auto& spec : specs())
    for (const Scheme scheme : {Scheme::srk, Scheme::heun, Scheme::euler_maruyama}) {
      auto s = setting(spec);
      s.model->dispersion->scale().fill_(0);
      s.model->initial_scale.fill_(0);
      s.request.dt = 0.3;
      const auto forecast = ModelForecaster(s.model, {.scheme = scheme, .substeps = 1}).forecast(s.request);
      const Exogenous in = {s.in.mu, s.in.forcing, s.in.start, 0.3};
      const auto own = integration_error(s.model, in, mean_path(s.model, in, encoded(s), {0, 0.3, kSteps, 1}),
                                         {0, 0.3, kSteps, 1}, scheme);
      EXPECT_GT(own.abs().max().item<double>(), 1e-4) << to_string(scheme);  // it is no small matter here
      for (int64_t m = 0; m < s.request.members; ++m)
        EXPECT_LT(difference(forecast.members[m], forecast.point), 1e-5) << to_string(scheme);
    }
}

TEST(ModelForecaster, members_that_departed_as_far_as_the_data_vary_keep_their_own_path) {
  auto s = setting(small_spec("reduced"));
  const int64_t n_zeta = s.model->n_zeta(), n_z = s.model->n_z();
  const auto mean = draw(5, {B, 4, n_z}), error = 0.1 * draw(6, {B, 4, n_z});
  auto away = torch::zeros({2, B, 4, n_z});
  away[1].narrow(-1, 0, n_zeta).fill_(1.5);
  const auto paths = mean + error + away;
  const auto corrected = without_error(s.model, paths, mean, error);
  EXPECT_LT(difference(corrected[0], mean), 1e-6);
  EXPECT_TRUE(corrected[1].equal(paths[1]));
}

TEST(ModelForecaster, members_that_leave_stay_where_they_left_and_are_counted) {
  const auto mean = torch::zeros({2, 5, 3});
  auto paths = 0.5 * draw(7, {3, 2, 5, 3}).clamp(-2, 2);
  auto expected = paths.clone();
  paths[0][0][3].fill_(11);
  paths[0][0][4].fill_(0);  // what comes back is no member any more
  expected[0][0].narrow(0, 3, 2).copy_(expected[0][0][2].expand({2, 3}));
  paths[2][0][1][2] = std::numeric_limits<float>::quiet_NaN();
  expected[2][0].narrow(0, 1, 4).copy_(expected[2][0][0].expand({4, 3}));
  const auto held = hold_members_that_leave(paths, mean);
  EXPECT_TRUE(held.paths.equal(expected));
  EXPECT_TRUE(held.left.equal(torch::tensor({2, 0}, torch::kLong)));
  // A point path that goes far takes its members with it.
  EXPECT_EQ(hold_members_that_leave(torch::full({1, 1, 2, 3}, 50.f), torch::full({1, 2, 3}, 40.f))
                .left.item<int64_t>(),
            0);
}

}  // namespace
}  // namespace msde
