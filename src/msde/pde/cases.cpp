#include "msde/pde/cases.hpp"

#define MSDE_CASES_COMPUTE
#include "msde/pde/case_rows-inl.hpp"

namespace msde {
const std::vector<Case>& cases() {
  static const std::vector<Case> table = case_rows();
  return table;
}

const Case& find_case(const std::string& name) {
  for (const Case& row : cases())
    if (row.name == name) return row;
  throw unknown_case(name);
}

const Case* find_published_case(const std::string& name) {
  for (const Case& row : cases())
    if (row.name == name) return row.published ? &row : nullptr;
  return nullptr;
}

std::vector<int64_t> Case::snapshot_shape() const {
  std::vector<int64_t> shape = {grid.channels};
  shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
  return shape;
}

}  // namespace msde
