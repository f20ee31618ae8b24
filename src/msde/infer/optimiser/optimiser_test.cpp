#include "msde/infer/optimiser/optimiser.hpp"

#include <gtest/gtest.h>
#include <torch/optim/adam.h>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

torch::Tensor draw(uint64_t step, at::IntArrayRef shape) {
  return normal({41, Stream::test, step}, shape, torch::kDouble);
}

TEST(Adam, makes_the_steps_of_LibTorch) {
  std::vector<torch::Tensor> ours, theirs;
  for (uint64_t i = 0; i < 2; ++i) {
    ours.push_back(draw(i, {4, 3}).requires_grad_());
    theirs.push_back(draw(i, {4, 3}).requires_grad_());
  }
  FlatParameters flat(ours);
  Optimiser optimiser(flat, {.muon = false, .clip = 1e9});
  torch::optim::Adam adam(theirs, torch::optim::AdamOptions(0.01).betas({0.9, 0.99}));
  for (uint64_t step = 0; step < 20; ++step) {
    for (size_t i = 0; i < 2; ++i) {
      const auto target = draw(100 + step + 50 * i, {4, 3});
      (ours[i] - target).square().sum().backward();
      theirs[i].mutable_grad() = torch::Tensor();
      (theirs[i] - target).square().sum().backward();
    }
    optimiser.step({.matrices = 0, .others = 0.01}, optimiser.gradient_norm());
    adam.step();
    for (size_t i = 0; i < 2; ++i)
      EXPECT_LT((ours[i] - theirs[i]).abs().max().item<double>(), 1e-9) << "step " << step;
  }
}

TEST(Muon, moves_every_direction_of_the_gradient_alike) {
  const auto U = std::get<0>(torch::linalg_qr(draw(1, {8, 5}))),
             V = std::get<0>(torch::linalg_qr(draw(2, {5, 5})));
  const auto G = torch::mm(U * torch::tensor({3.0, 1.0, 0.5, 0.2, 0.1}, torch::kDouble), V.t());
  for (const auto& matrix : {G, G.t()}) {
    const auto s = torch::linalg_svdvals(orthogonalised(matrix));
    EXPECT_GT(s.min().item<double>(), 0.6);
    EXPECT_LT(s.max().item<double>(), 1.3);
  }
}

TEST(Muon, updates_matrices_and_leaves_vectors_to_Adam) {
  auto weight = draw(3, {4, 4}).requires_grad_(), bias = draw(4, {4}).requires_grad_(),
       row = draw(5, {4, 1}).requires_grad_();
  FlatParameters flat({weight, bias, row});
  Optimiser optimiser(flat, {.muon = true, .clip = 1e9});
  const auto before = flat.values().clone();
  (weight.sum() + bias.sum() + row.sum()).backward();
  optimiser.step({.matrices = 0.0, .others = 0.1}, optimiser.gradient_norm());
  const auto moved = (flat.values() - before).abs();
  EXPECT_EQ(moved.narrow(0, 0, 16).max().item<double>(), 0);
  EXPECT_NEAR(moved.narrow(0, 16, 8).min().item<double>(), 0.1,
              1e-6);  // Adam's first step is lr in every entry
}

// In float32 on the CPU every parameter is updated in plain memory, elsewhere by LibTorch's operations.
TEST(Optimiser, makes_the_same_steps_in_plain_memory_and_by_operations) {
  const std::vector<std::vector<int64_t>> shapes = {{6, 9}, {9, 6}, {5, 5}, {4}, {7, 1}, {3, 2, 5}, {1}};
  const auto stepped = [&](torch::ScalarType type) {
    std::vector<torch::Tensor> weights;
    for (uint64_t i = 0; i < shapes.size(); ++i)
      weights.push_back(draw(200 + i, shapes[i]).to(type).requires_grad_());
    FlatParameters flat(weights);
    Optimiser optimiser(flat, {.muon = true, .clip = 3});
    for (uint64_t step = 0; step < 5; ++step) {
      for (uint64_t i = 0; i < shapes.size(); ++i)
        (weights[i] * draw(300 + 10 * step + i, shapes[i]).to(type)).sum().backward();
      optimiser.step({.matrices = 0.05, .others = 0.02}, optimiser.gradient_norm());
    }
    return torch::stack({flat.values(), optimiser.first}).to(torch::kDouble);
  };
  const auto rows = stepped(torch::kFloat), operations = stepped(torch::kDouble);
  EXPECT_LT((rows - operations).abs().max().item<double>(), 2e-5);
}

TEST(FlatParameters, share_memory_with_the_parameters_and_their_gradients) {
  auto a = draw(6, {2, 3}).requires_grad_(), b = draw(7, {4}).requires_grad_();
  FlatParameters flat({a, b});
  (a.sum() * 2 + b.sum() * 3).backward();
  EXPECT_EQ(flat.gradients().sum().item<double>(), 2 * 6 + 3 * 4);
  torch::NoGradGuard no_grad;
  flat.values().fill_(5);
  EXPECT_EQ(a.min().item<double>(), 5);
  EXPECT_EQ(b.max().item<double>(), 5);
}

TEST(Clipping, bounds_the_global_norm) {
  auto a = torch::zeros({4}, torch::kDouble).requires_grad_();
  FlatParameters flat({a});
  Optimiser optimiser(flat, {.muon = false, .clip = 1});
  (a * 100).sum().backward();
  EXPECT_NEAR(optimiser.gradient_norm(), 200, 1e-9);
  optimiser.step({0, 0.1}, optimiser.gradient_norm());
  EXPECT_NEAR(optimiser.first.norm().item<double>(), 0.1, 1e-12);  // (1 - beta1) * clipped norm
  EXPECT_EQ(flat.gradients().abs().max().item<double>(), 0);
}

TEST(OneCycle, rises_to_one_and_falls_to_almost_nothing) {
  EXPECT_NEAR(one_cycle(0, 100, 0.1), 0.04, 1e-12);
  EXPECT_NEAR(one_cycle(10, 100, 0.1), 1, 1e-12);
  EXPECT_LT(one_cycle(99, 100, 0.1), 1e-3);
  for (int64_t i = 10; i < 99; ++i) EXPECT_LT(one_cycle(i + 1, 100, 0.1), one_cycle(i, 100, 0.1));
}

}  // namespace
}  // namespace msde
