// The filter of the reduced preset: a learned mixture of a few unit-gain Gaussians, known in reduced
// coordinates.
#pragma once

#include <vector>

#include "msde/grid/grid.hpp"
#include "msde/scales/coarse_points.hpp"
#include "msde/scales/scales.hpp"

namespace msde {

// S = sum_k theta_k S_k with theta = softmax(raw), so S keeps unit gain whatever is learned. With the basis V,
//   S~_k = V^T S_k V [n, n]  and  R S_k V [n_zeta, n]
// are computed once (reduced_space.hpp) and theta trains without the fine grid. D_zeta is the least-squares
// dual of R S, (R S)^T (R S (R S)^T)^-1, exact in V because span(V) contains the rows of every R S_k.
class ReducedFilter : public FilterImpl {
 public:
  ReducedFilter(int64_t n, int64_t n_zeta);
  void set_maps(const torch::Tensor& smooth, const torch::Tensor& restriction);  // [K, n, n], [K, n_zeta, n]
  Scales scales() const override;

 private:
  torch::Tensor theta_raw_;             // [K]
  torch::Tensor smooth_, restriction_;  // buffers, as set_maps
};

// Standard deviations of the basis kernels in coarse cells. At .6 the rows of R S are well conditioned
// (docs/method.md section 9), so the mixture starts there.
inline const std::vector<double> kFilterWidths = {0.4, 0.6, 0.9};

// One basis kernel on the fine grid, separable, each axis by its boundary.
struct BasisKernel {
  double width = 0.6;           // standard deviation in coarse cells
  int64_t n_sigma = 2;          // cut, in coarse cells
  std::vector<int64_t> n_zeta;  // coarse cells per axis
};
// S_k u, or S_k^T u, of columns u on the fine grid: [n_y, m] float64 -> same. Under a mask m
//   S_k u = G (m u) / G m,
// the mean over the fluid, at points that are fluid or not; 0 where the kernel reaches none.
torch::Tensor smooth_columns(const torch::Tensor& columns, const Grid& grid, const BasisKernel& kernel,
                             bool transposed = false);

}  // namespace msde
