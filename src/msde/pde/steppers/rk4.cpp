#include "msde/pde/steppers/rk4.hpp"

#include "msde/core/numbers/runge_kutta.hpp"

namespace msde {

Step rk4(const std::function<torch::Tensor(const torch::Tensor& u)>& time_derivative, double dt) {
  return [F = time_derivative, dt](const torch::Tensor& u) {
    return classical_runge_kutta_step([&](double, const torch::Tensor& v) { return F(v); }, 0, dt, u);
  };
}

}  // namespace msde
