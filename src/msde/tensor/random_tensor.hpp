// Tensors of keyed random numbers (core/random/random.hpp): the same values for any thread count and device.
#pragma once

#include "msde/core/random/random.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Standard normal values first..first+numel-1 of the key, C order, in the type and on the device of
// `options`.
torch::Tensor normal(const RandomKey& key, at::IntArrayRef shape,
                     const torch::TensorOptions& options = torch::kFloat, uint64_t first = 0);
torch::Tensor uniform(const RandomKey& key, at::IntArrayRef shape,
                      const torch::TensorOptions& options = torch::kFloat);
// Integers of low..high inclusive, int64 [count].
torch::Tensor integers(const RandomKey& key, int64_t count, int64_t low, int64_t high);

}  // namespace msde
