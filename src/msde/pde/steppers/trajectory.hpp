// Time for every equation: equally spaced snapshots, and the only loop that advances a state.
#pragma once

#include <functional>

#include "msde/tensor/torch.hpp"

namespace msde {

// One time step of a fixed length, state -> state. Steppers make it (etdrk4.hpp, rk4.hpp).
using Step = std::function<torch::Tensor(const torch::Tensor& state)>;

// n_snapshots equally spaced times t_i = end * i / (n_snapshots - 1), i = 0 .. n_snapshots - 1, both ends
// included.
struct SnapshotTimes {
  double end = 1;
  int64_t n_snapshots = 2;  // at least 2

  double spacing() const { return end / static_cast<double>(n_snapshots - 1); }
  double at(int64_t i) const { return end * static_cast<double>(i) / static_cast<double>(n_snapshots - 1); }
};

// The smallest number of equal steps that fills one spacing with none longer than `max_step`: accuracy then
// follows from `max_step` alone, however many snapshots are asked for.
int64_t steps_per_snapshot(const SnapshotTimes& times, double max_step);

// Calls visit(i, state) for i = 0 .. n_snapshots - 1, with `steps_between` steps between visits.
void trajectory(const Step& step, torch::Tensor state, int64_t n_snapshots, int64_t steps_between,
                const std::function<void(int64_t i, const torch::Tensor& state)>& visit);

}  // namespace msde
