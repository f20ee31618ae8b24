#include "msde/core/files/hdf5/stored_as.hpp"

#include <algorithm>

#include "msde/core/files/hdf5/attribute.hpp"
#include "msde/core/files/hdf5/errors.hpp"
#include "msde/core/files/hdf5/storage.hpp"
#include "msde/core/files/hdf5/text_lengths.hpp"
#include "msde/core/files/hdf5/types.hpp"

namespace msde::hdf5 {
namespace {

struct Numbers {
  std::vector<double> values;
  bool are_integers;
};

std::optional<Numbers> numbers_of(const std::string& path, const std::string& name, hid_t dataset,
                                  const char* attribute, bool must_be_numbers) {
  const auto found = open_attribute(path, dataset, attribute);
  if (!found || (!must_be_numbers && !is_number(found->type))) return std::nullopt;
  const std::string where = name + "@" + attribute;
  if (!is_number(found->type))
    fail(path, where, std::string("got ") + class_name(found->type) + ", expected numbers");
  if (found->elements > kLargestAttribute / 8)
    fail(path, where, "got " + std::to_string(found->elements) + " numbers, expected a few");
  Numbers numbers{std::vector<double>(found->elements), H5Tget_class(found->type) == H5T_INTEGER};
  if (found->elements > 0 && H5Aread(found->id, H5T_NATIVE_DOUBLE, numbers.values.data()) < 0)
    fail(path, where, "attribute cannot be read: " + reason());
  return numbers;
}

bool says_true(const std::string& path, hid_t dataset, const char* attribute) {
  const auto found = open_attribute(path, dataset, attribute);
  if (!found || H5Tget_class(found->type) != H5T_STRING || found->elements != 1) return false;
  if (H5Tis_variable_str(found->type) > 0) {
    const auto lengths = text_lengths(found->id, found->elements);
    if (!lengths.empty() && lengths[0] > static_cast<int64_t>(std::string("true").size()) + 1) return false;
    char* text = nullptr;
    const bool yes = H5Aread(found->id, found->type, &text) >= 0 && text && std::string(text) == "true";
    H5free_memory(text);
    return yes;
  }
  std::string text(H5Tget_size(found->type), '\0');
  return H5Aread(found->id, found->type, text.data()) >= 0 && text.compare(0, 4, "true") == 0;
}

bool is_of_netcdf(hid_t dataset) {
  return H5Aexists_by_name(dataset, "/", "_NCProperties", H5P_DEFAULT) > 0;
}

Packing packing_in(const std::string& path, const std::string& name, hid_t dataset, hid_t type) {
  PackingWords words;
  bool of_integers = true;
  const auto read = [&](const char* attribute, std::optional<std::vector<double>>& into,
                        bool is_range = false) {
    const bool scales = attribute == std::string("scale_factor") || attribute == std::string("add_offset");
    const auto found = numbers_of(path, name, dataset, attribute, scales);
    if (!found) return;
    into = found->values;
    if (is_range) of_integers = of_integers && found->are_integers;
  };
  read("scale_factor", words.scale_factor), read("add_offset", words.add_offset);
  read("_FillValue", words.fill_value), read("missing_value", words.missing_value);
  read("valid_range", words.valid_range, true), read("valid_min", words.valid_min, true);
  read("valid_max", words.valid_max, true);
  words.is_unsigned = says_true(path, dataset, "_Unsigned");
  const StoredType stored = {.is_integer = H5Tget_class(type) == H5T_INTEGER,
                             .is_signed = H5Tget_class(type) == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_2,
                             .bytes = static_cast<int64_t>(H5Tget_size(type))};
  if (is_of_netcdf(dataset)) words.default_fill = netcdf_default_fill(stored);
  words.range_is_of_values = stored.is_integer && !of_integers && (words.scale_factor || words.add_offset);
  return msde::packing_of(words, stored, path + ": '" + name + "'");
}

bool is_vector(const Shape& shape) {
  return shape.size() == 2 && (shape[0] == 1 || shape[1] == 1);
}

Shape turned(Shape shape) {
  std::reverse(shape.begin(), shape.end());
  return shape;
}

}  // namespace

Shape StoredAs::seen() const {
  if (!by_matlab) return shape;
  return is_vector(shape) ? Shape{std::max(shape[0], shape[1])} : turned(shape);
}

Slab StoredAs::in_file(const Slab& seen) const {
  if (!by_matlab) return seen;
  if (!is_vector(shape) || seen.count.size() != 1) return {turned(seen.start), turned(seen.count)};
  const size_t along = shape[0] == 1 ? 1 : 0;
  Slab slab{{0, 0}, {1, 1}};
  slab.start[along] = seen.start.at(0), slab.count[along] = seen.count[0];
  return slab;
}

StoredAs stored_as(const std::string& path, const std::string& name, hid_t dataset) {
  StoredAs as;
  const Id space(H5Dget_space(dataset), H5Sclose);
  as.shape = extent(space);
  check_storage(path, name, dataset, as.shape);
  H5O_info_t info;
  if (H5Oget_info2(dataset, &info, H5O_INFO_NUM_ATTRS) >= 0 && info.num_attrs == 0) return as;
  const Id type(H5Dget_type(dataset), H5Tclose);
  if (is_number(type)) as.packing = packing_in(path, name, dataset, type);
  as.is_floating = H5Tget_class(type) == H5T_FLOAT;
  as.by_matlab = H5Aexists(dataset, "MATLAB_class") > 0;
  return as;
}

template <class T>
void turn_axes(const T* stored, const Shape& count, T* out) {
  Shape at(count.size(), 0), stride(count.size(), 1);
  for (size_t axis = 1; axis < count.size(); ++axis) stride[axis] = stride[axis - 1] * count[axis - 1];
  const int64_t n = product(count);
  int64_t from = 0;
  for (int64_t i = 0; i < n; ++i) {
    out[i] = stored[from];
    for (size_t axis = count.size(); axis-- > 0;) {
      from += stride[axis];
      if (++at[axis] < count[axis]) break;
      from -= stride[axis] * count[axis];
      at[axis] = 0;
    }
  }
}

template void turn_axes<float>(const float*, const Shape&, float*);
template void turn_axes<double>(const double*, const Shape&, double*);
template void turn_axes<int64_t>(const int64_t*, const Shape&, int64_t*);

}  // namespace msde::hdf5
