#include "msde/ops/activation.hpp"

namespace msde {

torch::Tensor activate(Activation activation, const torch::Tensor& x) {
  switch (activation) {
    case Activation::silu:
      return torch::silu(x);
    case Activation::relu:
      return torch::relu(x);
    case Activation::leaky_relu:
      return torch::leaky_relu(x, kLeak);
    case Activation::tanh:
      return torch::tanh(x);
  }
  TORCH_CHECK(false, "unknown activation");
}

torch::Tensor activation_slope(Activation activation, const torch::Tensor& x) {
  switch (activation) {
    case Activation::silu: {
      auto s = torch::sigmoid(x);
      return s * (1 + x * (1 - s));
    }
    case Activation::relu:
      return (x > 0).to(x.scalar_type());
    case Activation::leaky_relu:
      return torch::where(x > 0, torch::ones_like(x), torch::full_like(x, kLeak));
    case Activation::tanh:
      return 1 - torch::tanh(x).square();
  }
  TORCH_CHECK(false, "unknown activation");
}

}  // namespace msde
