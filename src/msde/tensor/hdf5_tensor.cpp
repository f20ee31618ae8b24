#include "msde/tensor/hdf5_tensor.hpp"

#include "msde/core/error.hpp"
#include "msde/tensor/slab_memory.hpp"

namespace msde {
namespace {

// Calls visit(T{}) with the C++ type that HDF5 stores for `dtype`.
template <class Visit>
void with_stored_type(torch::ScalarType dtype, const std::string& name, Visit visit) {
  switch (dtype) {
    case torch::kFloat:
      return visit(float{});
    case torch::kDouble:
      return visit(double{});
    case torch::kLong:
      return visit(int64_t{});
    default:
      throw DataError("dataset '" + name + "': got element type " + c10::toString(dtype) +
                      ", expected float32, float64 or int64");
  }
}

hdf5::Slab whole(const hdf5::Shape& shape) {
  return {hdf5::Shape(shape.size(), 0), shape};
}

}  // namespace

torch::Tensor read_tensor(const hdf5::File& file, const std::string& name, const hdf5::Slab& slab,
                          torch::ScalarType dtype) {
  torch::Tensor values;
  with_stored_type(dtype, name, [&](auto type) {
    using T = decltype(type);
    values = slab_memory(slab.count, dtype);
    if (values.numel() > 0) file.read<T>(name, slab, values.data_ptr<T>());
  });
  return values;
}

torch::Tensor read_tensor(const hdf5::File& file, const std::string& name, torch::ScalarType dtype) {
  return read_tensor(file, name, whole(file.shape(name)), dtype);
}

void create_tensor(hdf5::File& file, const std::string& name, const hdf5::Shape& shape,
                   torch::ScalarType dtype) {
  with_stored_type(dtype, name, [&](auto type) { file.create_dataset<decltype(type)>(name, shape); });
}

void write_tensor(hdf5::File& file, const std::string& name, const hdf5::Slab& slab,
                  const torch::Tensor& values) {
  const auto stored = values.detach().to(torch::kCPU).contiguous();
  if (stored.numel() == 0) return;
  with_stored_type(stored.scalar_type(), name, [&](auto type) {
    using T = decltype(type);
    file.write<T>(name, slab, stored.data_ptr<T>());
  });
}

void write_tensor(hdf5::File& file, const std::string& name, const torch::Tensor& values) {
  const hdf5::Shape shape = values.sizes().vec();
  create_tensor(file, name, shape, values.scalar_type());
  write_tensor(file, name, whole(shape), values);
}

}  // namespace msde
