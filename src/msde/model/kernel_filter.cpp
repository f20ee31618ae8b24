#include "msde/model/kernel_filter.hpp"

#include "msde/core/error.hpp"
#include "msde/ops/circulant.hpp"

namespace msde {

KernelFilter::KernelFilter(const Grid& grid, int64_t n_zeta, int64_t n_sigma)
    : points_(grid.points()), sigma_(points_ / n_zeta) {
  if (grid.dimensions() != 1 || grid.boundary[0] != Boundary::periodic)
    throw ConfigError("model.preset=paper needs one periodic axis, got " + std::to_string(grid.dimensions()) +
                      " axes; use model.preset=reduced");
  auto lag = torch::arange(-n_sigma * sigma_, n_sigma * sigma_ + 1, torch::kFloat);
  auto gaussian = torch::exp(-0.5 * (lag / static_cast<double>(sigma_)).square());
  kernel_ = register_parameter("kernel", (gaussian / gaussian.sum()).repeat({grid.channels, 1}));
}

Scales KernelFilter::scales() const {
  auto unit_gain = kernel_ / kernel_.sum(1, /*keepdim=*/true);
  auto by_channel = circulant_rows(unit_gain, points_, 1);  // [C, n, n]
  auto S = by_channel.size(0) == 1 ? by_channel[0] : torch::block_diag(by_channel.unbind());
  auto RS = S.slice(0, 0, c10::nullopt, sigma_);  // every sigma-th row of every channel, for free
  return {S.t(), RS.t(), RS * static_cast<double>(sigma_), false};
}

}  // namespace msde
