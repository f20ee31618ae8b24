#include "msde/pde/steppers/trajectory.hpp"

#include <cmath>
#include <utility>

namespace msde {

int64_t steps_per_snapshot(const SnapshotTimes& times, double max_step) {
  // A spacing that equals a multiple of max_step up to rounding needs no extra step.
  const double exact = times.spacing() / max_step;
  return std::max<int64_t>(1, static_cast<int64_t>(std::ceil(exact * (1 - 1e-12))));
}

void trajectory(const Step& step, torch::Tensor state, int64_t n_snapshots, int64_t steps_between,
                const std::function<void(int64_t i, const torch::Tensor& state)>& visit) {
  for (int64_t i = 0; i < n_snapshots; ++i) {
    if (i > 0) {
      for (int64_t s = 0; s < steps_between; ++s) state = step(state);
    }
    visit(i, state);
  }
}

}  // namespace msde
