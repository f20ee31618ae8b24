#include "msde/core/files/hdf5/types.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace msde::hdf5 {

const char* class_name(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      return "integers";
    case H5T_FLOAT:
      return "floating-point numbers";
    case H5T_STRING:
      return "text";
    case H5T_COMPOUND:
      return "compound records";
    case H5T_ENUM:
      return "an enumeration";
    default:
      return "values of another type";
  }
}

bool is_number(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  return kind == H5T_INTEGER || kind == H5T_FLOAT;
}

int64_t product(const Shape& shape) {
  int64_t n = 1;
  for (const int64_t length : shape) {
    if (length < 0 || __builtin_mul_overflow(n, length, &n)) return -1;
  }
  return n;
}

std::vector<hsize_t> sizes(const Shape& shape) {
  return {shape.begin(), shape.end()};
}

Shape extent(hid_t space) {
  const int rank = H5Sget_simple_extent_ndims(space);
  std::vector<hsize_t> lengths(std::max(rank, 0));
  if (rank > 0) H5Sget_simple_extent_dims(space, lengths.data(), nullptr);
  return {lengths.begin(), lengths.end()};
}

int64_t file_size(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? static_cast<int64_t>(status.st_size) : 0;
}

}  // namespace msde::hdf5
