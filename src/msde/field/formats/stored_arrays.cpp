#include "msde/field/formats/stored_arrays.hpp"

namespace msde {

std::vector<double> StoredArrays::read(const std::string& array) const {
  const Shape all = shape(array);
  int64_t size = 1;
  for (const int64_t n : all) size *= n;
  std::vector<double> values(size);
  read(array, {Shape(all.size(), 0), all}, values.data());
  return values;
}

std::optional<double> StoredArrays::number(const std::string&) const {
  return std::nullopt;
}

std::optional<std::string> StoredArrays::text(const std::string&, const std::string&) const {
  return std::nullopt;
}

}  // namespace msde
