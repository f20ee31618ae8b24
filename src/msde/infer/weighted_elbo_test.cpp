#include <gtest/gtest.h>

#include "msde/infer/elbo.hpp"
#include "msde/model/test_model.hpp"

namespace msde {
namespace {

torch::Tensor draw(uint64_t number, at::IntArrayRef shape) {
  return normal({57, Stream::test, number}, shape);
}

struct Variant {
  const char* name;
  void (*change)(ModelSpec&);
  bool is_one_operation = true;
  bool equal_times = true;
  bool all_seen = true;
};

const Variant kVariants[] = {
    {"line", [](ModelSpec&) {}},
    {"plane",
     [](ModelSpec& s) {
       const auto options = s.options;
       s = small_plane_spec("reduced", {Boundary::periodic, Boundary::wall});
       s.options.local_modes = options.local_modes;
     }},
    {"decoder_of_eta_alone", [](ModelSpec& s) { s.options.micro_decoder = "eta"; }},
    {"no_local_modes", [](ModelSpec& s) { s.options.local_modes = 0; }},
    {"time", [](ModelSpec& s) { s.options.micro_time = "on"; }},
    {"nothing_from_outside", [](ModelSpec& s) { s.n_mu = s.n_f = 0; }},
    {"modulated", [](ModelSpec& s) { s.options.phi = "mlp"; }, false},
    {"linear_dispersion", [](ModelSpec& s) { s.options.dispersion = "linear"; }, false},
    {"macro_only", [](ModelSpec& s) { s.options.n_eta = 0; }, false},
    {"unequal_times", [](ModelSpec&) {}, true, false},
    {"missing_values", [](ModelSpec&) {}, true, true, false},
    {"missing_values_linear_dispersion", [](ModelSpec& s) { s.options.dispersion = "linear"; }, false, true,
     false},
    {"unequal_times_plane",
     [](ModelSpec& s) {
       s = small_plane_spec("reduced", {Boundary::periodic, Boundary::wall});
     },
     true, false},
    {"unequal_times_linear_dispersion", [](ModelSpec& s) { s.options.dispersion = "linear"; }, false, false},
};

class WeightedElboOf : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(variants, WeightedElboOf, testing::ValuesIn(kVariants),
                         [](const auto& info) { return std::string(info.param.name); });

// In float32, 3 windows of 70 snapshots: more than are decoded at a time. Against float64, so that a
// difference is that of the operation alone; gradients of every parameter by the largest of its tensor.
TEST_P(WeightedElboOf, agrees_with_the_plain_twin) {
  auto spec = small_spec("reduced");
  GetParam().change(spec);
  auto exact = small_model(spec), single = small_model(spec);
  to_type(*single, torch::kFloat);
  constexpr int64_t B = 3, W = 70;
  constexpr double beta = 0.3;
  const int64_t n = exact->coordinates->size(), d = exact->n_z();
  WindowBatch batch = {draw(1, {B, W, n}),
                       draw(2, {B, W, n}),
                       draw(3, {B, W}).square(),
                       (0.01 * torch::arange(W)).expand({B, W}) + draw(4, {B, 1}).abs(),
                       draw(5, {B, spec.n_mu}),
                       draw(6, {B, W, spec.n_f}),
                       0.01};
  if (!GetParam().equal_times) {
    const auto spacing = .01 * (.2 + 1.6 * uniform({57, Stream::test, 9}, {B, W - 1}, torch::kDouble));
    batch.times = torch::cat({torch::zeros({B, 1}, torch::kDouble), spacing.cumsum(1)}, 1);
  }
  if (!GetParam().all_seen) batch.seen = uniform({57, Stream::test, 10}, {B, W});
  const ElboNoise noise = {draw(7, {B, W, d}), draw(8, {B, W, d})};

  const auto fused = weighted_elbo(single, batch, noise, beta);
  EXPECT_EQ(!fused.terms.drift_residual.requires_grad(), GetParam().is_one_operation);
  const auto gradients = torch::autograd::grad({2 * fused.value}, single->parameters());

  for (auto* x : {&batch.inputs, &batch.a, &batch.off_norm2, &batch.t, &batch.mu, &batch.f})
    *x = x->to(torch::kDouble);
  const auto terms =
      elbo(exact, batch, {noise.likelihood.to(torch::kDouble), noise.drift.to(torch::kDouble)});
  const auto expected = torch::autograd::grad({2 * terms.value(beta)}, exact->parameters());

  const auto near = [](const torch::Tensor& got, const torch::Tensor& value) {
    EXPECT_NEAR(got.item<double>(), value.item<double>(),
                1e-4 * std::max(1.0, std::abs(value.item<double>())));
  };
  near(fused.value, terms.value(beta));
  near(fused.terms.likelihood.macro_residual, terms.likelihood.macro_residual);
  near(fused.terms.likelihood.micro_correlation, terms.likelihood.micro_correlation);
  near(fused.terms.likelihood.micro_norm, terms.likelihood.micro_norm);
  near(fused.terms.likelihood.log_determinant, terms.likelihood.log_determinant);
  near(fused.terms.likelihood.constant, terms.likelihood.constant);
  near(fused.terms.drift_residual, terms.drift_residual);
  near(fused.terms.kl_initial, terms.kl_initial);
  for (size_t i = 0; i < expected.size(); ++i) {
    const double largest = expected[i].abs().max().item<double>();
    EXPECT_GT(largest, 0);
    EXPECT_LT((gradients[i].to(torch::kDouble) - expected[i]).abs().max().item<double>(), 1e-3 * largest)
        << exact->named_parameters().keys()[i];
  }
}

}  // namespace
}  // namespace msde
