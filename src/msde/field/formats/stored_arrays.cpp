#include "msde/field/formats/stored_arrays.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "msde/core/error.hpp"

namespace msde {

std::vector<double> StoredArrays::read(const std::string& array) const {
  const Shape all = shape(array);
  int64_t size = 1;
  for (const int64_t n : all) size *= n;
  std::vector<double> values(size);
  read(array, {Shape(all.size(), 0), all}, values.data());
  return values;
}

void StoredArrays::read(const std::string& array, const ArrayBox& box, float* out) const {
  std::vector<double> values(static_cast<size_t>(
      std::accumulate(box.count.begin(), box.count.end(), int64_t{1}, std::multiplies<>())));
  read(array, box, values.data());
  std::transform(values.begin(), values.end(), out, [](double value) { return static_cast<float>(value); });
}

std::optional<double> StoredArrays::number(const std::string&) const {
  return std::nullopt;
}

std::optional<std::string> StoredArrays::text(const std::string&, const std::string&) const {
  return std::nullopt;
}

// A run is a row along axis `inner`, and all of the axes after it.
void in_runs(const StoredArrays::Shape& shape, const ArrayBox& box, const std::string& path,
             const std::function<void(int64_t first, int64_t count)>& use) {
  bool inside = box.start.size() == shape.size() && box.count.size() == shape.size();
  for (size_t i = 0; inside && i < shape.size(); ++i)
    inside = box.start[i] >= 0 && box.count[i] >= 0 && box.start[i] <= shape[i] - box.count[i];
  if (!inside)
    throw DataError(fmt::format("{}: box of [{}] from [{}] is not inside shape [{}]", path,
                                fmt::join(box.count, ", "), fmt::join(box.start, ", "),
                                fmt::join(shape, ", ")));
  size_t inner = shape.size();
  int64_t run = 1;
  while (inner > 0 && (inner == shape.size() || box.count[inner] == shape[inner])) run *= box.count[--inner];
  int64_t rows = 1;
  for (size_t axis = 0; axis < inner; ++axis) rows *= box.count[axis];
  for (int64_t row = 0; row < rows && run > 0; ++row) {
    int64_t first = 0, stride = 1, left = row;
    for (size_t axis = shape.size(); axis-- > 0; stride *= shape[axis]) {
      const int64_t beyond = axis < inner ? left % box.count[axis] : 0;
      if (axis < inner) left /= box.count[axis];
      first += (box.start[axis] + beyond) * stride;
    }
    use(first, run);
  }
}

}  // namespace msde
