// Values of datasets, a box at a time.
#include <hdf5.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "msde/core/files/hdf5/errors.hpp"
#include "msde/core/files/hdf5/handles.hpp"
#include "msde/core/files/hdf5/types.hpp"

namespace msde::hdf5 {

template <class T>
void File::read(const std::string& name, const Slab& slab, T* out) const {
  const Id dataset = handles_->dataset(name);
  const Id type(H5Dget_type(dataset), H5Tclose);
  if (!is_number(type)) fail(path(), name, std::string("got ") + class_name(type) + ", expected numbers");
  const StoredAs& as = handles_->stored_as(name, dataset);
  const Slab stored = as.in_file(slab);
  const Id box = handles_->select(name, dataset, stored);
  const int64_t n = product(slab.count);
  if (n == 0) return;
  const Id memory(
      H5Screate_simple(static_cast<int>(stored.count.size()), sizes(stored.count).data(), nullptr), H5Sclose);
  const auto read_into = [&](auto* numbers) {
    using S = std::remove_pointer_t<decltype(numbers)>;
    if (H5Dread(dataset, native_type<S>(), memory, box, H5P_DEFAULT, numbers) < 0)
      fail(path(), name, "values cannot be read; the file is damaged or cut short: " + reason());
  };
  const bool as_it_is = as.packing.is_plain() || (as.packing.only_marks() && as.is_floating);
  if (as_it_is && !as.by_matlab && (as.packing.is_plain() || !std::is_integral_v<T>)) {
    read_into(out);
    if constexpr (!std::is_integral_v<T>) remove_marks(as.packing, out, n);
    return;
  }
  std::vector<double> numbers(n);
  read_into(numbers.data());
  unpack(as.packing, numbers);
  if (as.by_matlab) {
    std::vector<double> turned(n);
    turn_axes(numbers.data(), slab.count, turned.data());
    numbers.swap(turned);
  }
  if (std::is_integral_v<T> &&
      std::any_of(numbers.begin(), numbers.end(), [](double x) { return std::isnan(x); }))
    fail(path(), name, "got a missing value (" + as.packing.words + "), expected whole numbers");
  std::transform(numbers.begin(), numbers.end(), out, [](double x) { return static_cast<T>(x); });
}

template <class T>
std::vector<T> File::read(const std::string& name) const {
  const Shape lengths = shape(name);
  std::vector<T> values(product(lengths));
  read(name, Slab{Shape(lengths.size(), 0), lengths}, values.data());
  return values;
}

template <class T>
void File::create_dataset(const std::string& name, const Shape& shape, const Shape& chunk) {
  silence();
  const Id space(H5Screate_simple(static_cast<int>(shape.size()), sizes(shape).data(), nullptr), H5Sclose);
  const Id properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties, false);  // equal content gives equal bytes, whenever it is written
  if (handles_->keeps_order)
    H5Pset_attr_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  if (!chunk.empty()) H5Pset_chunk(properties, static_cast<int>(chunk.size()), sizes(chunk).data());
  const Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const Id dataset(
      H5Dcreate2(handles_->file, name.c_str(), stored_type<T>(), space, links, properties, H5P_DEFAULT),
      H5Dclose);
  if (!dataset.valid()) fail(path(), name, "cannot be created with shape " + show(shape) + ": " + reason());
}

template <class T>
void File::write(const std::string& name, const Slab& slab, const T* values) {
  const Id dataset = handles_->dataset(name);
  const Id box = handles_->select(name, dataset, slab);
  if (product(slab.count) == 0) return;
  const Id memory(H5Screate_simple(static_cast<int>(slab.count.size()), sizes(slab.count).data(), nullptr),
                  H5Sclose);
  if (H5Dwrite(dataset, native_type<T>(), memory, box, H5P_DEFAULT, values) < 0) {
    fail(path(), name, "cannot be written: " + reason());
  }
}

template <class T>
void File::write(const std::string& name, const Shape& shape, const std::vector<T>& values) {
  if (product(shape) != static_cast<int64_t>(values.size())) {
    fail(path(), name, "got " + std::to_string(values.size()) + " values for shape " + show(shape));
  }
  create_dataset<T>(name, shape);
  write(name, Slab{Shape(shape.size(), 0), shape}, values.data());
}

void File::write_texts(const std::string& name, const std::vector<std::string>& texts) {
  silence();
  const hsize_t n = texts.size();
  const Id space(H5Screate_simple(1, &n, nullptr), H5Sclose);
  const Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  const Id properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties, false);
  if (handles_->keeps_order)
    H5Pset_attr_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  const Id dataset(
      H5Dcreate2(handles_->file, name.c_str(), type, space, H5P_DEFAULT, properties, H5P_DEFAULT), H5Dclose);
  std::vector<const char*> pointers;
  for (const auto& text : texts) pointers.push_back(text.c_str());
  if (!dataset.valid() ||
      (n > 0 && H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()) < 0))
    fail(path(), name, "cannot be written: " + reason());
}

#define MSDE_INSTANTIATE_WRITING(T)                                                      \
  template void File::create_dataset<T>(const std::string&, const Shape&, const Shape&); \
  template void File::write<T>(const std::string&, const Slab&, const T*);               \
  template void File::write<T>(const std::string&, const Shape&, const std::vector<T>&);
#define MSDE_INSTANTIATE(T)                                               \
  template void File::read<T>(const std::string&, const Slab&, T*) const; \
  template std::vector<T> File::read<T>(const std::string&) const;        \
  MSDE_INSTANTIATE_WRITING(T)
MSDE_INSTANTIATE(float)
MSDE_INSTANTIATE(double)
MSDE_INSTANTIATE(int64_t)
MSDE_INSTANTIATE_WRITING(uint8_t)
#undef MSDE_INSTANTIATE
#undef MSDE_INSTANTIATE_WRITING

}  // namespace msde::hdf5
