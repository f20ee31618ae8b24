#include "msde/ops/mlp.hpp"

#include <gtest/gtest.h>

#include "msde/tensor/random_tensor.hpp"

namespace msde {
namespace {

torch::Tensor draw(uint64_t number, at::IntArrayRef shape) {
  return normal({31, Stream::test, number}, shape, torch::kFloat);
}

MlpParameters network(Activation activation, const std::vector<int64_t>& sizes) {
  MlpParameters net;
  net.activation = activation;
  for (size_t i = 0; i + 1 < sizes.size(); ++i) {
    const double scale = 1 / std::sqrt(static_cast<double>(sizes[i]));
    net.tensors.push_back((draw(2 * i, {sizes[i], sizes[i + 1]}) * scale).requires_grad_());
    net.tensors.push_back((draw(2 * i + 1, {sizes[i + 1]}) * .3).requires_grad_());
  }
  return net;
}

struct ValueAndGradients {
  torch::Tensor value;
  std::vector<torch::Tensor> gradients;  // of x, then of the parameters
};
template <class Function>
ValueAndGradients of(Function function, const torch::Tensor& x, const MlpParameters& net) {
  std::vector<torch::Tensor> inputs = {x};
  inputs.insert(inputs.end(), net.tensors.begin(), net.tensors.end());
  const auto y = function(x, net);
  return {y.detach(), torch::autograd::grad({y}, inputs, {draw(99, y.sizes())})};
}

double difference(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

// Widths that fill vectors and widths that do not; rows of one block, of several, of several groups. Sums
// over rows nearly cancel by chance, hence 1e-5.
TEST(MlpOp, has_the_values_and_gradients_of_its_layers) {
  for (const auto activation : {Activation::silu, Activation::relu, Activation::leaky_relu})
    for (const std::vector<int64_t>& sizes :
         {std::vector<int64_t>{12, 128, 128, 1}, {5, 7, 33, 16, 3}, {4, 9}})
      for (const int64_t rows : {1, 127, 700, 5000}) {
        const auto net = network(activation, sizes);
        const auto x = (3 * draw(50, {rows, sizes.front()})).requires_grad_();
        const auto fused = of(mlp, x, net), plain = of(mlp_by_layers, x, net);
        EXPECT_LT(difference(fused.value, plain.value), 1e-6) << rows;
        for (size_t i = 0; i < fused.gradients.size(); ++i)
          EXPECT_LT(difference(fused.gradients[i], plain.gradients[i]), 1e-5) << rows << " gradient " << i;
        const torch::NoGradGuard no_grad;
        EXPECT_TRUE(mlp(x, net).equal(fused.value));
      }
}

TEST(MlpOp, stays_finite_far_out) {
  const auto net = network(Activation::silu, {1, 16, 16, 1});
  const auto x = torch::tensor({-1e30f, -1e4f, 0.f, 1e4f}).unsqueeze(1).requires_grad_();
  const auto fused = of(mlp, x, net), plain = of(mlp_by_layers, x, net);
  EXPECT_TRUE(fused.gradients[0].isfinite().all().item<bool>());
  EXPECT_TRUE(torch::allclose(fused.value, plain.value, 1e-5));
}

TEST(MlpOp, gives_the_same_bits_for_any_number_of_threads) {
  const auto net = network(Activation::silu, {12, 128, 128, 1});
  const auto x = draw(50, {3000, 12}).requires_grad_();
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = of(mlp, x, net);
  at::set_num_threads(3);
  const auto three = of(mlp, x, net);
  at::set_num_threads(before);
  EXPECT_TRUE(one.value.equal(three.value));
  for (size_t i = 0; i < one.gradients.size(); ++i) EXPECT_TRUE(one.gradients[i].equal(three.gradients[i]));
}

TEST(MlpOp, leaves_to_layers_what_it_cannot_compute) {
  auto net = network(Activation::tanh, {3, 4, 2});
  EXPECT_FALSE(kernel_of(net));
  const auto x = draw(50, {6, 3});
  EXPECT_TRUE(mlp(x, net).equal(mlp_by_layers(x, net)));
  net.activation = Activation::silu;
  for (auto& t : net.tensors) t = t.detach().to(torch::kDouble);
  EXPECT_FALSE(kernel_of(net));
  EXPECT_EQ(mlp(x.to(torch::kDouble), net).scalar_type(), torch::kDouble);
}

}  // namespace
}  // namespace msde
