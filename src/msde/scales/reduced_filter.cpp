#include "msde/scales/reduced_filter.hpp"

#include "msde/ops/fluid.hpp"
#include "msde/scales/axis_smoothing.hpp"

namespace msde {
namespace {

constexpr double kNextToNone = 1e-9;  // of fluid under a kernel: below, rounding of the FFT

}  // namespace

ReducedFilter::ReducedFilter(int64_t n, int64_t n_zeta) {
  const auto K = static_cast<int64_t>(kFilterWidths.size());
  auto raw = torch::zeros({K});
  raw[1] = 3.0;  // 90 % of the mixture on the middle width
  theta_raw_ = register_parameter("theta_raw", raw);
  smooth_ = register_buffer("smooth", torch::zeros({K, n, n}));
  restriction_ = register_buffer("restriction", torch::zeros({K, n_zeta, n}));
}

void ReducedFilter::set_maps(const torch::Tensor& smooth, const torch::Tensor& restriction) {
  torch::NoGradGuard no_grad;
  smooth_.copy_(smooth);
  restriction_.copy_(restriction);
}

Scales ReducedFilter::scales() const {
  auto theta = torch::softmax(theta_raw_, 0);
  auto mix = [&](const torch::Tensor& maps) { return torch::tensordot(theta, maps, {0}, {0}); };
  auto S = mix(smooth_);
  auto RS = mix(restriction_);                                  // [n_zeta, n]
  auto D = torch::linalg_solve(torch::matmul(RS, RS.t()), RS);  // [n_zeta, n]: zeta D = D_zeta zeta
  return scales_of({S.t(), RS.t(), D}, /*micro_is_orthogonal=*/true);
}

namespace {

// The product of G along every axis, on a grid that is all fluid.
torch::Tensor smooth_everywhere(const torch::Tensor& columns, const Grid& grid, const BasisKernel& kernel,
                                bool transposed) {
  const int64_t m = columns.size(1);
  std::vector<int64_t> shape = {grid.channels};
  shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
  shape.push_back(m);
  auto u = columns.reshape(shape);
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const double sigma = static_cast<double>(grid.shape[axis]) / kernel.n_zeta[axis];
    const AxisSmoothing G(grid.shape[axis], kernel.width * sigma, std::llround(kernel.n_sigma * sigma),
                          grid.boundary[axis]);
    const auto rows = u.movedim(axis + 1, -1);
    u = (transposed ? G.transposed(rows) : G.smoothed(rows)).movedim(-1, axis + 1);
  }
  return u.reshape({-1, m});
}

}  // namespace

torch::Tensor smooth_columns(const torch::Tensor& columns, const Grid& grid, const BasisKernel& kernel,
                             bool transposed) {
  if (columns.size(1) == 0) return columns;
  if (!grid.mask) return smooth_everywhere(columns, grid, kernel, transposed);
  const auto fluid = fluid_weight(grid).flatten().repeat({grid.channels}).unsqueeze(1);  // m, [n_y, 1]
  auto share = smooth_everywhere(fluid, grid, kernel, /*transposed=*/false);             // G m
  const auto reached = share > kNextToNone;
  share = torch::where(reached, share, torch::ones_like(share));
  if (transposed) return fluid * smooth_everywhere(reached * columns / share, grid, kernel, true);
  return reached * smooth_everywhere(fluid * columns, grid, kernel, false) / share;
}

}  // namespace msde
