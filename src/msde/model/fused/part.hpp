// A part of the model in plain memory, beside the tensors it is made of.
#pragma once

#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// Valid while the module it comes from is neither freed nor moved.
template <class Kernel>
struct FusedPart {
  Kernel kernel;
  std::vector<torch::Tensor> parameters;   // in the order of the kernel's gradients
  std::vector<torch::Tensor> memory = {};  // what the kernel points into, kept where parameters get another
};

}  // namespace msde
