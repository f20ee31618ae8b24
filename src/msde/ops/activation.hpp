// Elementwise activations of the networks.
#pragma once

#include "msde/tensor/torch.hpp"

namespace msde {

enum class Activation { silu, relu, leaky_relu, tanh };
inline constexpr double kLeak = 0.01;  // slope of leaky_relu below zero

torch::Tensor activate(Activation activation, const torch::Tensor& x);
torch::Tensor activation_slope(Activation activation, const torch::Tensor& x);  // elementwise derivative

}  // namespace msde
