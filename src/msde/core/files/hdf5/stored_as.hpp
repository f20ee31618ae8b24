// What lies between the numbers of a dataset as they are in the file and the values that a reader sees. Internal to
// core/files/hdf5/.
#pragma once

#include <hdf5.h>

#include <string>

#include "msde/core/files/hdf5.hpp"
#include "msde/core/files/packing.hpp"

namespace msde::hdf5 {

struct StoredAs {
  Shape shape;  // in the file
  Packing packing;
  bool is_floating = false;
  // Written by MATLAB, whose arrays have the first axis fastest and at least two axes: HDF5 has them the other way
  // round. Readers see them as MATLAB does, a vector [1, n] or [n, 1] as [n].
  bool by_matlab = false;

  Shape seen() const;
  Slab in_file(const Slab& seen) const;
};

// DataError: its values are not all there (storage.hpp), or its attributes make no sense.
StoredAs stored_as(const std::string& path, const std::string& name, hid_t dataset);

// Values of a box of `count` [n_1, .., n_r], stored as [n_r, .., n_1], in their own order.
template <class T>
void turn_axes(const T* stored, const Shape& count, T* out);

}  // namespace msde::hdf5
