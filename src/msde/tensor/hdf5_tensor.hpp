// HDF5 datasets as tensors.
#pragma once

#include "msde/core/files/hdf5.hpp"
#include "msde/tensor/torch.hpp"

namespace msde {

// Reads a box, or the whole dataset, as `dtype` (kFloat, kDouble or kLong).
torch::Tensor read_tensor(const hdf5::File& file, const std::string& name, torch::ScalarType dtype);
torch::Tensor read_tensor(const hdf5::File& file, const std::string& name, const hdf5::Slab& slab,
                          torch::ScalarType dtype);
// Writes the whole dataset, stored as float32, float64 or int64 according to the tensor.
void write_tensor(hdf5::File& file, const std::string& name, const torch::Tensor& values);
// A dataset of that type, whose values are written later, a box at a time; the values have its type.
void create_tensor(hdf5::File& file, const std::string& name, const hdf5::Shape& shape,
                   torch::ScalarType dtype);
void write_tensor(hdf5::File& file, const std::string& name, const hdf5::Slab& slab,
                  const torch::Tensor& values);

}  // namespace msde
