// The trajectories of a case one by one, for whoever writes them in another layout than generate_case().
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "msde/pde/generate_options.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// A trajectory, or some of its snapshots.
struct GeneratedTrajectory {
  std::string split;           // "train", "val", "test", "beyond"
  int64_t index = 0;           // in the split
  int64_t first = 0;           // of the snapshots here
  torch::Tensor times;         // float64, of all snapshots of the trajectory
  torch::Tensor noisy, clean;  // [count, C, *grid] float32, of those here
};

// Computes the trajectories of a case, train, val and test one after the other, and hands each over in order:
// what generate_case() writes. Those of a stream come in pieces, and what is beyond a test trajectory after
// it. ConfigError, NumericsError, Stopped, and what `visit` throws.
void generate_trajectories(const std::string& case_name, const GenerateOptions& options,
                           const std::function<void(const GeneratedTrajectory&)>& visit);

// What generating counts for whoever shows its progress: trajectories, of a stream snapshots.
int64_t generation_steps(const std::string& case_name, const GenerateOptions& options);

}  // namespace msde
