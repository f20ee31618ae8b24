#include "msde/scales/smooth_patterns.hpp"

#include <cmath>
#include <numbers>

namespace msde {
namespace {

torch::Tensor smooth_periodic(const torch::Tensor& rows, double share) {
  const int64_t n = rows.size(-1);
  const auto k = torch::arange(n / 2 + 1, torch::kDouble) / (share * static_cast<double>(n) / 2);
  return torch::fft::irfft(torch::fft::rfft(rows) * torch::exp(-std::numbers::ln2 * k.pow(8)), n);
}

torch::Tensor smooth_between_ends(const torch::Tensor& rows, double share) {
  const int64_t n = rows.size(-1);
  if (n < 4) return rows;
  const auto I = torch::eye(n, torch::kDouble);
  const auto D = I.diff(3, 0);
  const double weight = std::pow(2 * std::sin(share * std::numbers::pi / 2), -6);
  return torch::linalg_solve(I + weight * D.t().mm(D), rows.flatten(0, -2).t()).t().view(rows.sizes());
}

}  // namespace

torch::Tensor smooth_patterns(const torch::Tensor& columns, const Grid& grid, double share) {
  if (share >= 1 || share <= 0) return columns;
  auto shape = grid.shape;
  shape.insert(shape.begin(), grid.channels);
  shape.push_back(columns.size(1));
  auto u = columns.reshape(shape);
  for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
    const auto rows = u.movedim(axis + 1, -1);
    u = (grid.boundary[axis].periodic() ? smooth_periodic(rows, share)
                                        : smooth_between_ends(rows.contiguous(), share))
            .movedim(-1, axis + 1);
  }
  return u.reshape({-1, columns.size(1)});
}

}  // namespace msde
