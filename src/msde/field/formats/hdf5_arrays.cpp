#include "msde/field/formats/hdf5_arrays.hpp"

namespace msde {

void Hdf5Arrays::read(const std::string& array, const ArrayBox& box, double* out) const {
  file_.read(array, hdf5::Slab{box.start, box.count}, out);
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
