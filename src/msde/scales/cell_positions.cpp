#include "msde/scales/cell_positions.hpp"

#include "msde/scales/coarse_points.hpp"

namespace msde {

torch::Tensor cell_positions(const Grid& grid, const std::vector<int64_t>& n_zeta) {
  const auto carried = carried_cells(grid, n_zeta);
  std::vector<torch::Tensor> s;
  for (const int64_t n : n_zeta)
    s.push_back((torch::arange(n, torch::kDouble) + 0.5) / static_cast<double>(n));
  const auto along = torch::meshgrid(s, "ij");
  std::vector<torch::Tensor> numbers = {torch::empty({carried.numel(), 0}, torch::kDouble)};
  for (size_t axis = 0; axis < n_zeta.size(); ++axis) {
    if (grid.boundary[axis].periodic()) continue;
    const auto of_cells = along[axis].flatten().index_select(0, carried).unsqueeze(1);
    for (int64_t k = 1; 2 * k <= n_zeta[axis]; k *= 2) {
      const auto angle = M_PI * static_cast<double>(k) * of_cells;
      numbers.insert(numbers.end(), {torch::cos(angle), torch::sin(angle)});
    }
  }
  return torch::cat(numbers, 1).to(torch::kFloat);
}

}  // namespace msde
