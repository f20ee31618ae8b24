#include "msde/scales/axis_smoothing.hpp"

#include "msde/tensor/in_blocks.hpp"

namespace msde {
namespace {

// Float32 values that in_blocks counts per point of a row, four times those of a transform and its product: a
// block takes 64 MiB, beside a basis for which memory is counted out.
constexpr int64_t kTransformValues = 32;

torch::Tensor gaussian(double width, int64_t reach) {
  const auto lag = torch::arange(-reach, reach + 1, torch::kDouble);
  return torch::exp(-0.5 * (lag / width).square()).unsqueeze(0);
}

}  // namespace

AxisSmoothing::AxisSmoothing(int64_t n, double width, int64_t reach, const AxisEnds& ends)
    : filter_(gaussian(width, reach), {n}, {ends}), gain_(filtered(torch::ones({n}, torch::kDouble))) {}

torch::Tensor AxisSmoothing::filtered(const torch::Tensor& rows) const {
  const int64_t n = rows.size(-1);
  const auto filter = [&](const torch::Tensor& block) { return filter_.filtered(block); };
  return in_blocks(rows.reshape({-1, 1, n}).to(torch::kDouble), kTransformValues * n, filter)
      .reshape(rows.sizes())
      .to(rows.scalar_type());
}

torch::Tensor AxisSmoothing::smoothed(const torch::Tensor& rows) const {
  return filtered(rows) / gain_.to(rows.scalar_type());
}

torch::Tensor AxisSmoothing::transposed(const torch::Tensor& rows) const {
  return filtered(rows / gain_.to(rows.scalar_type()));
}

}  // namespace msde
