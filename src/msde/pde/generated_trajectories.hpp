// The trajectories of a case one by one, for whoever writes them in another layout than generate_case().
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "msde/pde/generate_options.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

struct GeneratedTrajectory {
  std::string split;           // "train", "val", "test"
  int64_t index = 0;           // in the split
  torch::Tensor times;         // [T] float64
  torch::Tensor noisy, clean;  // [T, C, *grid] float32
};

// Computes the trajectories of a case, train, val and test one after the other, and hands each over in order:
// what generate_case() writes. ConfigError, NumericsError, Stopped, and what `visit` throws.
void generate_trajectories(const std::string& case_name, const GenerateOptions& options,
                           const std::function<void(const GeneratedTrajectory&)>& visit);

}  // namespace msde
