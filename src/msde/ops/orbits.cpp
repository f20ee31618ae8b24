#include "msde/ops/orbits.hpp"

#include "msde/grid/symmetry.hpp"

namespace msde {

torch::Tensor invariant_part(const torch::Tensor& rows, const Grid& grid) {
  if (grid.symmetry.empty()) return rows;
  const auto group = symmetry_group(grid);
  const auto by_channel = rows.reshape({rows.size(0), -1, grid.points()});
  auto sum = torch::zeros_like(by_channel);
  for (const GridImage& g : group) {
    const auto places = image_places(g, grid.shape);
    sum += by_channel.index_select(2, torch::tensor(places, torch::kLong));
  }
  return (sum / static_cast<double>(group.size())).reshape(rows.sizes());
}

PointOrbits::PointOrbits(const Grid& grid) {
  const auto smallest = orbits(symmetry_group(grid), grid.shape);
  const int64_t n = grid.points(), C = grid.channels;
  std::vector<int64_t> number(static_cast<size_t>(n), -1), first, size;
  for (int64_t i = 0; i < n; ++i) {
    if (grid.mask && !grid.mask->is_fluid(i)) continue;
    auto& of_orbit = number[static_cast<size_t>(smallest[static_cast<size_t>(i)])];
    if (of_orbit < 0) {
      of_orbit = static_cast<int64_t>(first.size());
      first.push_back(i), size.push_back(0);
    }
    number[static_cast<size_t>(i)] = of_orbit;
    ++size[static_cast<size_t>(of_orbit)];
  }
  const auto d = static_cast<int64_t>(first.size());
  for (int64_t i = 0; i < n; ++i)
    if (grid.mask && !grid.mask->is_fluid(i)) number[static_cast<size_t>(i)] = -1;
  const auto channel = torch::arange(C, torch::kLong).unsqueeze(1);
  const auto numbers = torch::tensor(number, torch::kLong);
  first_ = (torch::tensor(first, torch::kLong) + channel * n).flatten();
  orbit_ = torch::where(numbers < 0, torch::full_like(numbers, C * d), numbers + channel * d).flatten();
  root_ = torch::tensor(size, torch::kDouble).sqrt().repeat({C}).unsqueeze(1);
}

torch::Tensor PointOrbits::reduced(const torch::Tensor& columns) const {
  return columns.index_select(0, first_) * root_.to(columns.scalar_type());
}

torch::Tensor PointOrbits::expanded(const torch::Tensor& columns) const {
  const auto values = columns / root_.to(columns.scalar_type());
  return torch::cat({values, torch::zeros({1, columns.size(1)}, columns.options())}).index_select(0, orbit_);
}

int64_t invariant_size(const Grid& grid) {
  return grid.symmetry.empty() ? grid.fluid_size() : PointOrbits(grid).dimensions();
}

bool mask_is_invariant(const Grid& grid) {
  if (!grid.mask) return true;
  for (const GridImage& g : symmetry_group(grid)) {
    const auto places = image_places(g, grid.shape);
    for (size_t i = 0; i < places.size(); ++i)
      if (grid.mask->is_fluid(places[i]) != grid.mask->is_fluid(static_cast<int64_t>(i))) return false;
  }
  return true;
}

}  // namespace msde
