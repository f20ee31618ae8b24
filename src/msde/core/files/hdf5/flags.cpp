// Booleans, which h5py stores as an enumeration of FALSE and TRUE.
#include <hdf5.h>

#include <algorithm>

#include "msde/core/files/hdf5/attribute.hpp"
#include "msde/core/files/hdf5/errors.hpp"
#include "msde/core/files/hdf5/handles.hpp"
#include "msde/core/files/hdf5/types.hpp"

namespace msde::hdf5 {
namespace {

bool is_flag(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  return kind == H5T_ENUM || kind == H5T_INTEGER;
}

std::vector<bool> not_zero(const std::vector<unsigned char>& bytes, size_t width) {
  std::vector<bool> flags;
  for (size_t at = 0; at + width <= bytes.size(); at += width)
    flags.push_back(std::any_of(bytes.begin() + static_cast<int64_t>(at),
                                bytes.begin() + static_cast<int64_t>(at + width),
                                [](unsigned char byte) { return byte != 0; }));
  return flags;
}

}  // namespace

std::optional<std::vector<bool>> File::flags(const std::string& object, const std::string& attribute) const {
  const Id owner = handles_->object(object);
  const auto found = open_attribute(path(), owner, attribute);
  if (!found || !is_flag(found->type)) return std::nullopt;
  const size_t width = H5Tget_size(found->type);
  if (found->elements * static_cast<int64_t>(width) > kLargestAttribute)
    fail(path(), "@" + attribute, "got " + std::to_string(found->elements) + " flags, expected a few");
  std::vector<unsigned char> bytes(static_cast<size_t>(found->elements) * width);
  if (!bytes.empty() && H5Aread(found->id, found->type, bytes.data()) < 0)
    fail(path(), "@" + attribute, "attribute cannot be read: " + reason());
  return not_zero(bytes, width);
}

bool File::is_empty(const std::string& object, const std::string& attribute) const {
  const auto found = open_attribute(path(), handles_->object(object), attribute);
  return found && found->elements == 0;
}

std::vector<bool> File::read_flags(const std::string& name) const {
  constexpr int64_t kMost = int64_t{1} << 26;
  const Id dataset = handles_->dataset(name);
  const Id type(H5Dget_type(dataset), H5Tclose);
  if (!is_flag(type)) return {};
  const int64_t n = product(shape(name));
  if (n < 0 || n > kMost) fail(path(), name, "has more than 2^26 flags");
  const size_t width = H5Tget_size(type);
  std::vector<unsigned char> bytes(static_cast<size_t>(n) * width);
  if (n > 0 && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) < 0)
    fail(path(), name, "values cannot be read; the file is damaged or cut short: " + reason());
  return not_zero(bytes, width);
}

}  // namespace msde::hdf5
