// Steps of an integrator where the states that are wanted are not equally far apart in time.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// Of B trajectories, whose steps have lengths of their own, but all as many from one state to the next.
struct UnequalSteps {
  torch::Tensor times;              // [B, n_steps + 1] float64, from the start: where steps begin and end
  std::vector<int64_t> frame_ends;  // steps made at each state that is returned, 0 first

  int64_t n_steps() const { return frame_ends.back(); }
  torch::Tensor lengths() const { return torch::diff(times, 1, 1); }  // [B, n_steps]
  torch::Tensor at(double share) const;                               // [B, n_steps], so much of each step on
};

// States at `frames` [B, K], float64, 0 first and increasing: in each interval so many equal steps as `substeps` gives
// for the longest of the trajectories'. ConfigError for more than memory can hold.
UnequalSteps unequal_steps(const torch::Tensor& frames,
                           const std::function<int64_t(double longest)>& substeps);

}  // namespace msde
