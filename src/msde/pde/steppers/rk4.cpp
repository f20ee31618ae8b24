#include "msde/pde/steppers/rk4.hpp"

namespace msde {

Step rk4(const std::function<torch::Tensor(const torch::Tensor& u)>& time_derivative, double dt) {
  return [F = time_derivative, h = dt](const torch::Tensor& u) {
    const auto k1 = F(u);
    const auto k2 = F(u + .5 * h * k1);
    const auto k3 = F(u + .5 * h * k2);
    const auto k4 = F(u + h * k3);
    return u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
  };
}

}  // namespace msde
