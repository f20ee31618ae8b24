#include "msde/infer/rollout.hpp"

#include <gtest/gtest.h>

#include "msde/model/forecaster.hpp"
#include "msde/model/free_runs.hpp"
#include "msde/model/fused/choose.hpp"
#include "msde/model/test_model.hpp"

namespace msde {
namespace {

torch::Tensor draw(uint64_t step, at::IntArrayRef shape) {
  return normal({61, Stream::test, step}, shape, torch::kDouble);
}

RolloutBatch batch_for(MultiscaleModel& model, int64_t frames) {
  RolloutBatch b;
  b.first = draw(1, {2, model->coordinates->size()});
  b.a = draw(2, {2, frames, model->coordinates->size()});
  b.off_norm2 = draw(3, {2, frames}).square();
  b.t = (0.02 * torch::arange(frames, torch::kDouble)).expand({2, frames});
  b.mu = draw(4, {2, 1});
  b.f = draw(5, {2, frames, 1});
  b.dt_frames = 0.02;
  return b;
}

// Training and prediction must solve the same equation: the roll-out equals sde/integrate's RK4 of the latent
// SDE.
TEST(RollOut, is_the_integrators_path) {
  auto model = small_model(small_spec("reduced"));
  auto batch = batch_for(model, 6);
  batch.substeps = 3;
  torch::NoGradGuard no_grad;
  const auto z = roll_out(model, batch, model->scales());
  const auto reference =
      integrate(Scheme::rk4, latent_sde(model, {batch.mu, batch.f, torch::zeros({2}, torch::kDouble), 0.02}),
                model->encode(batch.first, model->scales()), {0.0, 0.02, 5, 3}, {});
  EXPECT_LT((z - reference.transpose(0, 1)).abs().max().item<double>(), 1e-12);
}

// Its plain twin.
torch::Tensor roll_out_by_steps(MultiscaleModel& model, const RolloutBatch& batch, const Scales& scales) {
  const Exogenous in = {batch.mu, batch.f, batch.t.select(1, 0),
                        batch.dt_frames / static_cast<double>(batch.snapshots_per_frame)};
  const TimeGrid grid = {0, batch.dt_frames, batch.a.size(1) - 1, batch.substeps};
  return mean_path_by_steps(model, in, model->encode(batch.first, scales), grid);
}

// The fused path against one operation after the other, in float32, value and gradient.
TEST(RollOut, in_one_operation_is_the_same) {
  auto with_clock = small_spec("reduced"), macro_only = small_spec("reduced");
  with_clock.options.micro_time = "on";
  macro_only.options.n_eta = 0;
  for (const auto& spec : {small_spec("reduced"), with_clock, macro_only,
                           small_plane_spec("reduced", {Boundary::open, Boundary::wall})}) {
    auto model = small_model(spec);
    to_type(*model, torch::kFloat);
    ASSERT_TRUE(fused_drift(model));
    const int64_t B = 37, frames = 5, n = model->coordinates->size();  // several blocks, one not full
    const auto single = [](const torch::Tensor& x) { return x.to(torch::kFloat); };
    RolloutBatch batch;
    batch.first = single(draw(1, {B, n}));
    batch.a = single(draw(2, {B, frames, n}));
    batch.t = single(draw(3, {B, 1}) + 0.02 * torch::arange(frames, torch::kDouble));
    batch.mu = single(draw(4, {B, 1}));
    batch.f = single(draw(5, {B, 3 * (frames - 1) + 1, 1}));
    batch.snapshots_per_frame = 3, batch.dt_frames = 0.02, batch.substeps = 2;
    const auto upstream = single(draw(6, {B, frames, model->n_z()}));
    const auto parameters = model->parameters();
    const auto gradients = [&](auto path) {
      return torch::autograd::grad({path(model, batch, model->scales())}, parameters, {upstream}, {}, false,
                                   true);
    };
    const auto near = [](const torch::Tensor& a, const torch::Tensor& b, double tolerance) {
      EXPECT_LT((a - b).norm().item<double>(), tolerance * b.norm().item<double>());
    };
    const auto fused = gradients(roll_out), plain = gradients(roll_out_by_steps);
    for (size_t i = 0; i < parameters.size(); ++i) {
      ASSERT_EQ(fused[i].defined(), plain[i].defined()) << i;
      if (plain[i].defined()) near(fused[i], plain[i], 2e-5);
    }
    const auto scales = model->scales();
    const auto z = roll_out(model, batch, scales).detach();
    near(z, roll_out_by_steps(model, batch, scales).detach(), 1e-6);
    const torch::NoGradGuard no_grad;
    EXPECT_TRUE(roll_out(model, batch, model->scales()).equal(z));
  }
}

// Forcing counts at every snapshot, also between frames.
TEST(RollOut, sees_the_forcing_between_frames) {
  auto model = small_model(small_spec("reduced"));
  auto batch = batch_for(model, 4);
  batch.f = draw(5, {2, 3 * 5 + 1, 1});
  batch.snapshots_per_frame = 5;
  batch.substeps = 10;
  torch::NoGradGuard no_grad;
  const auto z = roll_out(model, batch, model->scales());
  const auto reference = integrate(
      Scheme::rk4, latent_sde(model, {batch.mu, batch.f, torch::zeros({2}, torch::kDouble), 0.02 / 5}),
      model->encode(batch.first, model->scales()), {0.0, 0.02, 3, 10}, {});
  EXPECT_LT((z - reference.transpose(0, 1)).abs().max().item<double>(), 1e-12);
  batch.f = batch.f.clone();
  batch.f.select(1, 2).add_(1);  // no frame
  EXPECT_GT((roll_out(model, batch, model->scales()) - z).abs().max().item<double>(), 1e-6);
}

// Trajectories of one batch may start at different times: a clock reads each one's own.
TEST(LatentSde, starts_each_trajectory_at_its_own_time) {
  auto spec = small_spec("reduced");
  spec.options.micro_time = "on";
  spec.options.dispersion = "linear";
  auto model = small_model(spec);
  torch::NoGradGuard no_grad;
  const auto z = draw(20, {2, 10}), mu = draw(21, {2, 1}), f = torch::zeros({2, 3, 1}, torch::kDouble);
  const auto start = torch::tensor({0.0, 0.4}, torch::kDouble);
  const Sde both = latent_sde(model, {mu, f, start, 0.1});
  for (int64_t b = 0; b < 2; ++b) {
    const auto one = [&](const torch::Tensor& x) { return x.narrow(0, b, 1); };
    const Sde alone = latent_sde(model, {one(mu), one(f), one(start), 0.1});
    EXPECT_LT((one(both.drift(0.15, z)) - alone.drift(0.15, one(z))).abs().max().item<double>(), 1e-12);
    EXPECT_LT((one(both.dispersion(0.15)) - alone.dispersion(0.15)).abs().max().item<double>(), 1e-12);
  }
  EXPECT_GT((both.dispersion(0.15)[0] - both.dispersion(0.15)[1]).abs().max().item<double>(), 1e-6);
}

TEST(RollOut, loss_gradient_agrees_with_differences) {
  auto model = small_model(small_spec("reduced"));
  const auto batch = batch_for(model, 4);
  const auto loss = [&] {
    const auto s = model->scales();
    return relative_square_error(model, batch, roll_out(model, batch, s), s).mean();
  };
  const auto parameters = model->parameters();
  const auto gradients = torch::autograd::grad({loss()}, parameters, {}, false, false, /*allow_unused=*/true);
  torch::NoGradGuard no_grad;
  int64_t used = 0;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!gradients[i].defined()) continue;
    ++used;
    auto p = parameters[i].view(-1);
    const int64_t entry = p.numel() / 3;
    const double kept = p[entry].item<double>(), h = 1e-5;
    auto at = [&](double x) {
      p[entry] = x;
      return loss().item<double>();
    };
    const double difference = (at(kept + h) - at(kept - h)) / (2 * h);
    p[entry] = kept;
    EXPECT_NEAR(gradients[i].reshape({-1})[entry].item<double>(), difference,
                1e-6 * std::max(1.0, std::abs(difference)));
  }
  EXPECT_GT(used, 20);
}

TEST(RollOut, error_counts_what_lies_outside_the_basis) {
  auto model = small_model(small_spec("reduced"));
  torch::NoGradGuard no_grad;
  auto batch = batch_for(model, 3);
  const auto s = model->scales();
  const auto z = roll_out(model, batch, s);
  batch.a = model->decode(z, s);  // exact in the basis
  const auto error = relative_square_error(model, batch, z, s);
  const auto expected = batch.off_norm2 / (batch.a.square().sum(-1) + batch.off_norm2);
  EXPECT_LT((error - expected).abs().max().item<double>(), 1e-12);
}

// Member m is the same whatever the number of members, and a forecast repeats itself.
TEST(ModelForecaster, members_are_reproducible_one_by_one) {
  auto model = MultiscaleModel(small_spec("paper"));
  initialise_networks(model, 2);
  model->observation_variance.fill_(0.01);
  const ModelForecaster forecaster(model, {});
  ForecastRequest request = {.first = draw(7, {1, 1, 120}).to(torch::kFloat),
                             .mu = torch::zeros({1, 1}),
                             .forcing = torch::zeros({1, 6, 1}),
                             .dt = 0.01,
                             .n_steps = 5,
                             .members = 4,
                             .seed = 9};
  const auto four = forecaster.forecast(request);
  request.members = 2;
  const auto two = forecaster.forecast(request);
  EXPECT_TRUE(two.members.equal(four.members.narrow(0, 0, 2)));
  EXPECT_EQ(four.point.sizes(), (at::IntArrayRef{1, 6, 1, 120}));
  EXPECT_EQ(four.drift_evaluations, 20);
  EXPECT_GT((four.members[0] - four.members[1]).abs().max().item<double>(), 0);
}

// 1501 frames of 32 members do not fit into one block.
TEST(ModelForecaster, a_visitor_sees_the_members_in_order_and_their_noise_has_the_model_s_variance) {
  auto model = MultiscaleModel(small_spec("paper"));
  initialise_networks(model, 2);
  model->observation_variance.fill_(0.04);
  const ModelForecaster forecaster(model, {});
  const int64_t frames = 1501;
  ForecastRequest request = {.first = draw(7, {1, 1, 120}).to(torch::kFloat),
                             .mu = torch::zeros({1, 1}),
                             .forcing = torch::zeros({1, frames, 1}),
                             .dt = 1e-5,
                             .n_steps = frames - 1,
                             .members = 32,
                             .seed = 9};
  const auto whole = forecaster.forecast(request).members;
  std::vector<torch::Tensor> blocks;
  int64_t next = 0;
  request.visit_members = [&](int64_t start, const torch::Tensor& members) {
    EXPECT_EQ(start, next);
    next += members.size(2);
    blocks.push_back(members.clone());
  };
  EXPECT_FALSE(forecaster.forecast(request).members.defined());
  EXPECT_EQ(next, frames);
  EXPECT_GT(blocks.size(), 1u);
  EXPECT_TRUE(torch::cat(blocks, 2).equal(whole));

  request.visit_members = {};
  request.decoder_noise = false;
  const auto noise = whole - forecaster.forecast(request).members;
  EXPECT_NEAR(noise.std().item<double>(), 0.2, 5e-4);
  EXPECT_NEAR(noise.mean().item<double>(), 0, 5e-4);
}

}  // namespace
}  // namespace msde
