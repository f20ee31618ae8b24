#include "msde/library/arrays.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "msde/grid/boundary_words.hpp"

namespace msde {

torch::Tensor to_tensor(const Array& array, const std::string& what) {
  int64_t size = 1;
  for (const int64_t length : array.shape)
    if (length < 0 || __builtin_mul_overflow(size, length, &size))
      throw DataError(fmt::format("{}: got the shape [{}]", what, fmt::join(array.shape, ", ")));
  if (size != static_cast<int64_t>(array.values.size()))
    throw DataError(fmt::format("{}: got {} values, expected {} for the shape [{}]", what,
                                array.values.size(), size, fmt::join(array.shape, ", ")));
  return torch::tensor(array.values, torch::kFloat).view(array.shape);
}

Array to_public(const torch::Tensor& tensor) {
  if (!tensor.defined()) return {};
  const auto plain = tensor.to(torch::kFloat).contiguous();
  const float* first = plain.data_ptr<float>();
  return {plain.sizes().vec(), std::vector<float>(first, first + plain.numel())};
}

std::vector<Axis> axes_of(const Grid& grid) {
  std::vector<Axis> axes;
  for (int64_t i = 0; i < grid.dimensions(); ++i) {
    const auto at = static_cast<size_t>(i);
    axes.push_back({.name = at < grid.axes.size() ? grid.axes[at] : "",
                    .points = grid.shape[at],
                    .length = grid.length[at],
                    .origin = grid.origin_of(i),
                    .spacing = grid.spacing_of(i),
                    .boundary = boundary_word(grid.boundary[at])});
  }
  return axes;
}

}  // namespace msde
