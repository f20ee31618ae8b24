#include "msde/infer/elbo.hpp"

#include <gtest/gtest.h>

#include "msde/model/positive.hpp"
#include "msde/model/test_model.hpp"
#include "msde/tensor/testing/gradient_check.hpp"

namespace msde {
namespace {

torch::Tensor draw(uint64_t step, at::IntArrayRef shape) {
  return normal({31, Stream::test, step}, shape, torch::kDouble);
}

WindowBatch random_batch(int64_t B, int64_t W, int64_t n) {
  WindowBatch b;
  b.inputs = draw(1, {B, W, n});
  b.a = b.inputs + 0.1 * draw(2, {B, W, n});
  b.off_norm2 = draw(3, {B, W}).square();
  b.t = (0.01 * torch::arange(W, torch::kDouble)).expand({B, W});
  b.mu = draw(4, {B, 1});
  b.f = draw(5, {B, W, 1});
  b.dt = 0.01;
  return b;
}

// Nodes that are shifted against each other, by less than half their spacing; in each window otherwise.
torch::Tensor unequal(const torch::Tensor& t) {
  const auto shifted = t + .004 * (2 * uniform({31, Stream::test, 90}, t.sizes(), torch::kDouble) - 1);
  return shifted - shifted.narrow(1, 0, 1);
}

class ElboGradient : public testing::TestWithParam<std::tuple<const char*, bool>> {};
INSTANTIATE_TEST_SUITE_P(presets, ElboGradient,
                         testing::Combine(testing::Values("reduced", "paper"), testing::Bool()));

TEST_P(ElboGradient, agrees_with_differences_in_every_parameter) {
  const auto [preset, equal_times] = GetParam();
  auto model = small_model(small_spec(preset));
  auto batch = random_batch(2, 6, model->coordinates->size());
  if (!equal_times) batch.times = unequal(batch.t);
  const ElboNoise noise = {draw(6, {2, 6, 10}), draw(7, {2, 6, 10})};
  const auto value = [&] { return elbo(model, batch, noise).value(0.7); };
  const auto parameters = model->parameters();
  const auto gradients = torch::autograd::grad({value()}, parameters);
  torch::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters.size(); ++i) {
    auto p = parameters[i].view(-1);
    const int64_t entry = p.numel() / 2;
    const double kept = p[entry].item<double>(), h = 1e-5;
    auto at = [&](double x) {
      p[entry] = x;
      return value().item<double>();
    };
    const double difference = (at(kept + h) - at(kept - h)) / (2 * h);
    p[entry] = kept;
    EXPECT_NEAR(gradients[i].reshape({-1})[entry].item<double>(), difference,
                5e-6 * std::max(1.0, std::abs(difference)))
        << model->named_parameters().keys()[i];
  }
}

// silu(x) = x to the last bit for large x: biases that keep every hidden unit there make the network affine.
// The last bias takes the offset back.
void make_drift_affine(MultiscaleModel& model) {
  torch::NoGradGuard no_grad;
  auto parameters = model->drift->named_parameters();
  parameters["macro.bias0"].add_(100);
  parameters["macro.bias1"].add_(1000);
  const auto zero = torch::zeros({1, 1}, torch::kDouble);
  const auto offset =
      model->drift->forward(torch::zeros({1, model->n_z()}, torch::kDouble), {zero, zero, zero});
  parameters["macro.bias2"].sub_(offset[0][0] / model->drift->rate());
}

// A model without micro states and with an affine drift is linear and Gaussian: encoder, decoder and drift
// are affine, so every expectation of the ELBO is known. Written down here from the Gaussian formulas alone,
// with the affine maps read off by probing the model.
TEST(LinearGaussianElbo, averages_to_the_analytic_value) {
  auto spec = small_spec("reduced");
  spec.options.n_eta = 0;
  auto model = small_model(spec);
  make_drift_affine(model);
  const int64_t d = model->n_z(), W = 5, B = 1, n = model->coordinates->size();
  torch::NoGradGuard no_grad;
  const auto batch = random_batch(B, W, n);
  const auto scales = model->scales();
  auto affine = [](const std::function<torch::Tensor(const torch::Tensor&)>& f, int64_t inputs) {
    const auto b = f(torch::zeros({1, inputs}, torch::kDouble)).squeeze(0);
    const auto A = f(torch::eye(inputs, torch::kDouble)) - b;  // [inputs, outputs]
    return std::pair{A, b};
  };
  const auto [D, D0] = affine([&](const torch::Tensor& z) { return model->reconstruct(z, scales).macro; }, d);

  const auto s = model->encoder->log_variance().exp();
  const auto gp = model->posterior->operators(W, batch.dt);
  const auto m = torch::mm(gp.value, model->encode(batch.inputs[0], scales));  // [W, d]
  const auto dm = torch::mm(gp.derivative, model->encode(batch.inputs[0], scales));
  const auto v = model->decoder->variances().macro;  // one variance
  const auto L2 = model->dispersion->diagonal(torch::zeros({1}, torch::kDouble)).square();

  // E |y - D z - D0|^2 = |y - D m - D0|^2 + tr(D S D^T), S = diag(s) because shrinkage is towards the
  // window's mean
  double likelihood = 0, residual = 0;
  for (int64_t i = 0; i < W; ++i) {
    const auto r = batch.a[0][i] - torch::mv(D.t(), m[i]) - D0;
    const auto trace = (D.square().sum(1) * s).sum();
    likelihood +=
        (-0.5 * (r.square().sum() + trace + batch.off_norm2[0][i]) / v - 60.0 * torch::log(2 * M_PI * v))
            .item<double>();
    // r = A (m - z) + m' - F z - c with A = L^2/(2 S): mean m' - F m - c, covariance (A + F) S (A + F)^T
    const DriftInputs in = {batch.t[0][i].view({1, 1}), batch.mu, batch.f[0][i].view({1, 1})};
    const auto [F, c] = affine(
        [&](const torch::Tensor& z) {
          const auto rows = z.size(0);
          return model->drift->forward(
              z, {in.t.expand({rows, 1}), in.mu.expand({rows, 1}), in.f.expand({rows, 1})});
        },
        d);
    const auto mean = dm[i] - torch::mv(F.t(), m[i]) - c;
    const auto G = torch::diag(0.5 * L2 / s) + F.t();
    const auto variance = torch::matmul(G.square(), s);
    residual += (0.5 * ((mean.square() + variance) / L2).sum()).item<double>();
  }
  residual *= batch.dt * (W - 1) / W;
  const auto p_var = to_positive(model->initial_raw);
  const double kl =
      (0.5 * (s / p_var + (m[0] - model->initial_mean).square() / p_var - 1 + torch::log(p_var / s)).sum())
          .item<double>();

  // Antithetic pairs make odd moments exact; many copies of the window average the rest.
  const int64_t copies = 20000;
  auto many = batch;
  for (auto* x : {&many.inputs, &many.a, &many.off_norm2, &many.t, &many.mu, &many.f}) {
    auto shape = x->sizes().vec();
    shape[0] = copies;
    *x = x->expand(shape);
  }
  const auto half_a = draw(50, {copies / 2, W, d}), half_b = draw(51, {copies / 2, W, d});
  const auto terms = elbo(model, many, {torch::cat({half_a, -half_a}), torch::cat({half_b, -half_b})});
  EXPECT_NEAR(terms.likelihood.total().item<double>(), likelihood, 5e-3 * std::abs(likelihood));
  EXPECT_NEAR(terms.drift_residual.item<double>(), residual, 2e-2 * residual);
  EXPECT_NEAR(terms.kl_initial.item<double>(), kl, 1e-9 * std::max(1.0, kl));
}

TEST(Elbo, AtEqualTimesOfTheirOwnIsTheUsualOne) {
  for (const char* preset : {"reduced", "paper"}) {
    auto model = small_model(small_spec(preset));
    auto batch = random_batch(2, 6, model->coordinates->size());
    const ElboNoise noise = {draw(6, {2, 6, 10}), draw(7, {2, 6, 10})};
    const double usual = elbo(model, batch, noise).value().item<double>();
    batch.times = batch.t;
    EXPECT_NEAR(elbo(model, batch, noise).value().item<double>(), usual, 1e-9 * std::abs(usual));
    batch.times = unequal(batch.t);
    EXPECT_GT(std::abs(elbo(model, batch, noise).value().item<double>() - usual), 1e-6 * std::abs(usual));
  }
}

// One window of each of two batches is that of both together: every window has operators of its own.
TEST(Elbo, WindowsOfUnequalTimesDoNotSeeEachOther) {
  auto model = small_model(small_spec("reduced"));
  auto batch = random_batch(2, 6, model->coordinates->size());
  batch.times = unequal(batch.t);
  const ElboNoise noise = {draw(6, {2, 6, 10}), draw(7, {2, 6, 10})};
  double sum = 0;
  for (int64_t b = 0; b < 2; ++b) {
    const Share one = {b, 1, 2};
    sum += elbo(model, batch.cut(one), noise.cut(one)).value().item<double>();
  }
  EXPECT_NEAR(elbo(model, batch, noise).value().item<double>(), sum / 2, 1e-9 * std::abs(sum));
}

}  // namespace
}  // namespace msde
