#include "msde/eval/metrics/spectra.hpp"

namespace msde {

using torch::Tensor;

void Spectra::add(const FrameBlock& block, int64_t first, int64_t count) {
  const auto& radial = block.setup->radial;
  const auto add_to = [&](Tensor* sum, const Tensor& power) {  // [1, count, C, S]
    const auto shells = sum_of_groups(power, radial)[0].sum(0);
    *sum = sum->defined() ? *sum + shells : shells;
  };
  add_to(&truth, block.truth_power().narrow(1, first, count));
  add_to(&prediction, block.prediction_power().narrow(1, first, count));
  add_to(&error, block.error_power().narrow(1, first, count));
  const int64_t M = block.members();
  for (int64_t m = 0; m < M; ++m)
    add_to(&members,
           block.power_of(block.fields.members[m].narrow(1, first, count)) / static_cast<double>(M));
  frames += count;
}

Spectra Spectra::mean() const {
  const auto over = [&](const Tensor& sum) {
    return sum.defined() ? sum / static_cast<double>(frames) : sum;
  };
  return {over(truth), over(prediction), over(error), over(members), 1};
}

}  // namespace msde
