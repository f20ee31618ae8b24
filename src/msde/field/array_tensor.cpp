#include "msde/field/array_tensor.hpp"

#include "msde/tensor/slab_memory.hpp"

namespace msde {

torch::Tensor read_tensor(const StoredArrays& file, const std::string& array, const ArrayBox& box) {
  auto values = slab_memory(box.count, torch::kDouble);
  if (values.numel() > 0) file.read(array, box, values.data_ptr<double>());
  return values;
}

torch::Tensor read_tensor(const StoredArrays& file, const std::string& array) {
  const auto shape = file.shape(array);
  return read_tensor(file, array, {StoredArrays::Shape(shape.size(), 0), shape});
}

}  // namespace msde
