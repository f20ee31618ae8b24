#include "msde/eval/metrics/spectra.hpp"

namespace msde {

using torch::Tensor;

void Spectra::add(const FrameBlock& block, int64_t first, int64_t count) {
  const auto& radial = block.setup->radial;
  const auto cut = [&](const Tensor& x) { return block.by_trajectory(x[0]).narrow(1, first, count); };
  const auto add_to = [&](Tensor* sum, const Tensor& power) {  // [trajectories, count, C, S]
    const auto shells = sum_of_groups(power, radial).sum(c10::IntArrayRef{0, 1});
    *sum = sum->defined() ? *sum + shells : shells;
  };
  add_to(&truth, cut(block.truth_power()));
  add_to(&prediction, cut(block.prediction_power()));
  add_to(&error, cut(block.error_power()));
  const int64_t M = block.members();
  for (int64_t m = 0; m < M; ++m)
    add_to(&members, block.power_of(cut(block.fields.members[m])) / static_cast<double>(M));
  frames += count * block.fields.trajectories;
}

Spectra Spectra::mean() const {
  const auto over = [&](const Tensor& sum) {
    return sum.defined() ? sum / static_cast<double>(frames) : sum;
  };
  return {over(truth), over(prediction), over(error), over(members), 1};
}

}  // namespace msde
