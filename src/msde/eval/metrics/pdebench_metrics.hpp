// The scores of PDEBench (Takamoto et al., NeurIPS 2022, appendix), written from their formulas.
// They mix trajectories before the root is taken: these functions give, per (b, t, c), what is averaged over
// b. Shapes [B, T, C, *grid] -> [B, T, C] float64. Errors: DataError if the shapes do not agree.
#pragma once

#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// sqrt(mean_s (p - y)^2 / mean_s y^2), without eps; NaN where y is zero everywhere.
torch::Tensor nrmse_pdebench_per_field(const torch::Tensor& prediction, const torch::Tensor& truth);

// (mean_s p - mean_s y)^2: cRMSE is the root of its mean over b, the error of the conserved integral.
torch::Tensor conserved_square_per_field(const torch::Tensor& prediction, const torch::Tensor& truth);

// bRMSE: sqrt of the sum of (p - y)^2 over all boundary faces / number of their points, corners once per
// face: sqrt((e_0^2 + e_{n-1}^2)/2) on a line, divisor 2 n_x + 2 n_y on a plane.
torch::Tensor brmse_per_field(const torch::Tensor& prediction, const torch::Tensor& truth);

// fRMSE: [B, T, C, S] power of p - y (spectrum.hpp) -> [B, T, C, shells first..last-1] sums of shells times
// (domain volume)^2; fRMSE is the root of the mean over b, averaged over shells.
struct ShellRange {
  int64_t first = 0, last = -1;  // last < 0: to the end
};
inline constexpr ShellRange frmse_low{0, 4}, frmse_mid{4, 12}, frmse_high{12, -1};

}  // namespace msde
