// Between the fine grid of the data and a coarse grid: one matrix per axis, applied axis by axis.
#pragma once

#include <vector>

#include "msde/tensor/torch.hpp"

namespace msde {

// Trigonometric interpolation on a periodic axis from n to m equally spaced points, float64 [m, n]. Fewer
// points: the modes that m points cannot carry are removed, and the highest of an even m; more points: exact
// interpolation.
torch::Tensor fourier_matrix(int64_t n, int64_t m);
// The same where an axis does not close: cosine modes of points (i + 1/2) / n, i.e. of the even extension.
torch::Tensor cosine_matrix(int64_t n, int64_t m);
// Cubic spline through m points that stand at every stride-th of n = m * stride points, evaluated at all n,
// [n, m]. Periodic, or not-a-knot and zero beyond the last point (as the published solver fills).
torch::Tensor spline_matrix(int64_t m, int64_t stride, bool periodic);
// Every stride-th of n points, [n / stride, n].
torch::Tensor every_nth_matrix(int64_t n, int64_t stride);

// Applies one matrix [m_a, n_a] to each of the last axes: [..., n_1, .., n_d] -> [..., m_1, .., m_d].
torch::Tensor along_axes(torch::Tensor u, const std::vector<torch::Tensor>& matrices);

}  // namespace msde
