#include "msde/scales/stretched_patterns.hpp"

#include <cmath>
#include <numbers>

namespace msde {
namespace {

constexpr double kFactors[] = {.85, .93, 1.07, 1.15};

// The circular mean of weights along an axis, in points.
double middle_of(const torch::Tensor& weights) {
  const auto n = static_cast<double>(weights.numel());
  const auto angle = torch::arange(weights.numel(), torch::kDouble) * (2 * std::numbers::pi / n);
  const double c = (weights * angle.cos()).sum().item<double>(),
               s = (weights * angle.sin()).sum().item<double>();
  return std::atan2(s, c) * n / (2 * std::numbers::pi);
}

// Rows of lines of n points, read at x0 + factor (x - x0) where x - x0 lies within half a length.
torch::Tensor stretched_lines(const torch::Tensor& rows, double x0, double factor) {
  const int64_t n = rows.size(-1);
  const auto length = static_cast<double>(n);
  const auto off = (torch::arange(n, torch::kDouble) - x0 + length / 2).remainder(length) - length / 2;
  const auto at = (x0 + factor * off).remainder(length);
  const auto floor = at.floor();
  const auto left = floor.to(torch::kLong).remainder(n), right = (left + 1).remainder(n);
  return torch::lerp(rows.index_select(-1, left), rows.index_select(-1, right), at - floor);
}

}  // namespace

bool can_stretch(const Grid& grid) {
  bool periodic = false;
  for (const auto& ends : grid.boundary) periodic = periodic || ends.periodic();
  return periodic && !grid.mask;
}

torch::Tensor stretched_patterns(const torch::Tensor& columns, const Grid& grid) {
  auto shape = grid.shape;
  shape.insert(shape.begin(), grid.channels);
  shape.push_back(columns.size(1));
  const auto fields = columns.reshape(shape);
  const auto weights = fields.square().sum(-1).sum(0);  // [*grid]
  std::vector<torch::Tensor> all;
  for (const double factor : kFactors) {
    auto u = fields;
    for (int64_t axis = 0; axis < grid.dimensions(); ++axis) {
      if (!grid.boundary[axis].periodic()) continue;
      const auto of_axis = weights.movedim(axis, 0).reshape({grid.shape[axis], -1}).sum(1);
      u = stretched_lines(u.movedim(axis + 1, -1), middle_of(of_axis), factor).movedim(-1, axis + 1);
    }
    all.push_back(u.reshape({-1, columns.size(1)}));
  }
  return torch::cat(all, 1);
}

}  // namespace msde
