// The classical Runge-Kutta method, for equations that are not stiff and as an independent check of etdrk4.
#pragma once

#include <functional>

#include "msde/pde/steppers/trajectory.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// u_t = F(u), fourth order in dt (Kutta 1901).
Step rk4(const std::function<torch::Tensor(const torch::Tensor& u)>& time_derivative, double dt);

}  // namespace msde
