// Tensors and the plain memory that kernels work in.
#pragma once

#include <numeric>
#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// Whether kernels can compute with it: float32 on the CPU.
inline bool fits_kernels(const torch::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == torch::kFloat;
}

inline int64_t size_of(at::TensorList tensors) {
  return std::accumulate(tensors.begin(), tensors.end(), int64_t{0},
                         [](int64_t sum, const torch::Tensor& t) { return sum + t.numel(); });
}

// Pieces of `flat`, one after the other from its start, in the shapes of `like`.
inline std::vector<torch::Tensor> pieces_of(const torch::Tensor& flat, at::TensorList like) {
  std::vector<torch::Tensor> pieces;
  int64_t start = 0;
  for (const auto& tensor : like) {
    pieces.push_back(flat.narrow(0, start, tensor.numel()).view(tensor.sizes()));
    start += tensor.numel();
  }
  return pieces;
}

}  // namespace msde
