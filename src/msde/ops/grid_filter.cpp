#include "msde/ops/grid_filter.hpp"

#include <algorithm>

namespace msde {
namespace {

using torch::Tensor;

// The next size without prime factors above 5: transforms of others are slower.
int64_t fast_size(int64_t n) {
  for (;; ++n) {
    int64_t rest = n;
    for (int64_t p : {2, 3, 5})
      while (rest % p == 0) rest /= p;
    if (rest == 1) return n;
  }
}

}  // namespace

GridFilter::GridFilter(const Tensor& kernel, std::vector<int64_t> grid, const std::vector<AxisEnds>& boundary)
    : grid_(std::move(grid)), padded_(grid_) {
  Tensor k = kernel;
  std::vector<int64_t> kernel_axes;
  for (size_t axis = 0; axis < grid_.size(); ++axis) {
    const auto dim = static_cast<int64_t>(axis) + 1;
    const int64_t n = grid_[axis];
    int64_t h = (k.size(dim) - 1) / 2;
    if (!boundary[axis].periodic()) {
      const int64_t reach = std::min(h, n - 1);  // farther taps never meet the field
      k = k.narrow(dim, h - reach, 2 * reach + 1);
      h = reach;
      padded_[axis] = fast_size(n + reach);  // zeros enough for nothing to wrap onto the field
    }
    const auto place = torch::arange(-h, h + 1, torch::TensorOptions(torch::kLong).device(k.device()))
                           .remainder(padded_[axis]);
    auto shape = k.sizes().vec();
    shape[dim] = padded_[axis];
    k = torch::zeros(shape, k.options()).index_add(dim, place, k);
    kernel_axes.push_back(dim);
    axes_.push_back(dim + 1);
  }
  spectrum_ = torch::fft::rfftn(k, c10::nullopt, kernel_axes);
}

Tensor GridFilter::times(const Tensor& x, const Tensor& spectrum) const {
  auto y = torch::fft::irfftn(torch::fft::rfftn(x, padded_, axes_) * spectrum, padded_, axes_);
  for (size_t axis = 0; axis < grid_.size(); ++axis) y = y.narrow(axes_[axis], 0, grid_[axis]);
  return y;
}

Tensor GridFilter::filtered(const Tensor& x) const {
  return times(x, spectrum_.conj());
}

Tensor GridFilter::transposed(const Tensor& x) const {
  return times(x, spectrum_);
}

}  // namespace msde
