// Types and sizes of values, in memory and in a file. Internal to core/files/hdf5/.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "msde/core/files/hdf5.hpp"

namespace msde::hdf5 {

template <class T>
hid_t native_type() {
  if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
  if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
  if constexpr (std::is_same_v<T, int64_t>) return H5T_NATIVE_INT64;
  if constexpr (std::is_same_v<T, uint8_t>) return H5T_NATIVE_UINT8;
}

// Files hold little-endian values whatever the machine, so equal content gives equal bytes.
template <class T>
hid_t stored_type() {
  if constexpr (std::is_same_v<T, float>) return H5T_IEEE_F32LE;
  if constexpr (std::is_same_v<T, double>) return H5T_IEEE_F64LE;
  if constexpr (std::is_same_v<T, int64_t>) return H5T_STD_I64LE;
  if constexpr (std::is_same_v<T, uint8_t>) return H5T_STD_U8LE;
}

const char* class_name(hid_t type);  // "integers", "text": for messages
bool is_number(hid_t type);          // integer or floating point

// The product of a shape, or -1 where it does not fit.
int64_t product(const Shape& shape);
std::vector<hsize_t> sizes(const Shape& shape);
Shape extent(hid_t space);

int64_t file_size(const std::string& path);  // bytes, 0 where it cannot be looked at

}  // namespace msde::hdf5
