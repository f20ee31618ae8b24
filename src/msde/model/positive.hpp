// Positive parameters through the softplus, which LibTorch evaluates without overflow.
#pragma once

#include <cmath>

#include "msde/tensor/torch.hpp"

namespace msde {

inline torch::Tensor to_positive(const torch::Tensor& raw) {
  return torch::softplus(raw);
}

// softplus(x) = y; stable for small and large y > 0.
inline double softplus_inverse(double y) {
  return y + std::log(-std::expm1(-y));
}

}  // namespace msde
