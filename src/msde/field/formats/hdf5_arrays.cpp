#include "msde/field/formats/hdf5_arrays.hpp"

#include <functional>
#include <numeric>

#include "msde/field/formats/axis_roles.hpp"
#include "msde/field/formats/strided_copy.hpp"

namespace msde {
std::vector<size_t> Hdf5Arrays::order_of(const std::string& array) const {
  return axis_order(file_.axis_names(array));
}

Hdf5Arrays::Shape Hdf5Arrays::shape(const std::string& array) const {
  const auto stored = file_.shape(array);
  const auto order = order_of(array);
  if (order.size() != stored.size()) return stored;
  Shape shape;
  for (const size_t axis : order) shape.push_back(stored[axis]);
  return shape;
}

template <class T>
void Hdf5Arrays::read_box(const std::string& array, const ArrayBox& box, T* out) const {
  const auto order = order_of(array);
  if (order.empty() || order.size() != box.count.size())
    return file_.read(array, hdf5::Slab{box.start, box.count}, out);
  hdf5::Slab slab{box.start, box.count};
  for (size_t i = 0; i < order.size(); ++i)
    slab.start[order[i]] = box.start[i], slab.count[order[i]] = box.count[i];
  std::vector<T> stored(static_cast<size_t>(
      std::accumulate(box.count.begin(), box.count.end(), int64_t{1}, std::multiplies<>())));
  file_.read(array, slab, stored.data());
  const auto in_file = c_strides(slab.count);
  std::vector<int64_t> stride;
  for (const size_t axis : order) stride.push_back(in_file[axis]);
  copy_strided(stored.data(), box.count, stride, out);
}

template void Hdf5Arrays::read_box<float>(const std::string&, const ArrayBox&, float*) const;
template void Hdf5Arrays::read_box<double>(const std::string&, const ArrayBox&, double*) const;

std::string Hdf5Arrays::called(const std::string& array) const {
  const auto mark = is_array(array) ? file_.missing_mark(array) : "";
  return "'" + array + "'" + (mark.empty() ? "" : " (missing values: " + mark + ")");
}

bool is_hdf5(const FileProbe& probe) {
  return probe.hdf5() != nullptr;
}

bool has_point_forecast(const FileProbe& probe) {
  return probe.hdf5() && probe.hdf5()->is_dataset("point");
}

bool has_array_x(const FileProbe& probe) {
  return probe.hdf5() && probe.hdf5()->is_dataset("x");
}

std::unique_ptr<StoredArrays> open_hdf5_arrays(FileProbe probe) {
  return std::make_unique<Hdf5Arrays>(probe.take_hdf5());
}

}  // namespace msde
