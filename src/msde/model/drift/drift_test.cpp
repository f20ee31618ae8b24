#include "msde/model/drift/drift.hpp"

#include <gtest/gtest.h>

#include "msde/model/drift/drift_sizes.hpp"
#include "msde/model/free_runs.hpp"
#include "msde/model/fused/choose.hpp"
#include "msde/model/test_model.hpp"
#include "msde/tensor/plain_memory.hpp"

namespace msde {
namespace {

// d zeta -= a zeta, one learned number a for all.
class DampingKernel : public DriftTermKernel {
 public:
  DampingKernel(const float* a, int64_t n_zeta, int64_t n_z) : a_(a), n_zeta_(n_zeta), n_z_(n_z) {}
  int64_t tape_width() const override { return n_zeta_; }
  int64_t scratch_size(int64_t) const override { return 0; }
  int64_t gradient_size() const override { return 1; }
  std::vector<float> transposed_weights() const override { return {}; }
  void forward(const StateBlock& states, float* dz, float* tape, float*) const override {
    for (int64_t i = 0; i < states.n; ++i)
      for (int64_t j = 0; j < n_zeta_; ++j) {
        const float zeta = *tape++ = states.z[i * n_z_ + j];
        dz[i * n_z_ + j] -= *a_ * zeta;
      }
  }
  void backward(int64_t n, const float* tape, const Gradients& g, float*) const override {
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n_zeta_; ++j) {
        g.z_gradient[i * n_z_ + j] -= *a_ * g.d[i * n_z_ + j];
        *g.parameters -= *tape++ * g.d[i * n_z_ + j];
      }
  }

 private:
  const float* a_;
  int64_t n_zeta_, n_z_;
};

class Damping : public DriftTerm {
 public:
  Damping(torch::nn::Module& drift, DriftSizes sizes, bool has_kernel)
      : sizes_(std::move(sizes)),
        has_kernel_(has_kernel),
        a_(drift.register_parameter("damping", torch::full({1}, 0.7))) {}
  DriftPart at(const LatentState& z, const ScaledInputs&) override { return {-a_ * z.zeta, {}}; }
  std::optional<FusedDriftTerm> fused() const override {
    if (!has_kernel_ || !fits_kernels(a_)) return std::nullopt;
    const auto held = a_.detach();
    const auto kernel =
        std::make_shared<DampingKernel>(held.data_ptr<float>(), sizes_.n_zeta, sizes_.n_zeta + sizes_.n_eta);
    return FusedDriftTerm{kernel, {a_}, {held}};
  }

 private:
  DriftSizes sizes_;
  bool has_kernel_;
  torch::Tensor a_;
};

torch::Tensor draw(uint64_t number, at::IntArrayRef shape) {
  return normal({83, Stream::test, number}, shape);
}

MultiscaleModel damped(bool has_kernel) {
  auto model = small_model(small_spec("reduced"));
  to_type(*model, torch::kFloat);
  model->drift->add_term(
      std::make_unique<Damping>(*model->drift, DriftSizes{.n_zeta = 8, .n_eta = 2}, has_kernel));
  return model;
}

TEST(Drift, is_the_sum_of_its_terms) {
  const torch::NoGradGuard no_grad;
  auto plain = small_model(small_spec("reduced")), more = damped(false);
  to_type(*plain, torch::kFloat);
  const auto z = draw(1, {3, 10}), one = torch::ones({3, 1});
  const auto difference =
      more->drift->forward(z, {one, one, one}) - plain->drift->forward(z, {one, one, one});
  EXPECT_TRUE(torch::allclose(difference.narrow(1, 0, 8), -0.7 * z.narrow(1, 0, 8), 1e-4, 1e-5));
  EXPECT_EQ(difference.narrow(1, 8, 2).abs().max().item<float>(), 0);
}

TEST(Drift, is_fused_only_where_every_term_has_a_kernel) {
  EXPECT_TRUE(fused_drift(damped(true)));
  EXPECT_FALSE(fused_drift(damped(false)));
}

// Paths and their gradients with a third term: by kernels, and as operations.
TEST(Drift, of_more_terms_has_the_same_paths_in_plain_memory) {
  auto model = damped(true);
  const auto z0 = draw(1, {5, 10});
  const Exogenous in = {draw(2, {5, 1}), draw(3, {5, 4, 1}), torch::zeros({5}), 0.02};
  const TimeGrid grid = {0, 0.02, 3, 2};
  const auto upstream = draw(4, {5, 4, 10});
  const auto parameters = model->drift->parameters();
  ASSERT_EQ(parameters.front().numel(), 1);
  const auto gradients = [&](auto path) {
    return torch::autograd::grad({path(model, in, z0, grid)}, parameters, {upstream});
  };
  const auto fused = gradients(mean_path), plain = gradients(mean_path_by_steps);
  for (size_t i = 0; i < parameters.size(); ++i)
    EXPECT_LT((fused[i] - plain[i]).norm().item<double>(), 2e-5 * plain[i].norm().item<double>()) << i;
  EXPECT_TRUE(
      torch::allclose(mean_path(model, in, z0, grid), mean_path_by_steps(model, in, z0, grid), 1e-5, 1e-6));
}

}  // namespace
}  // namespace msde
