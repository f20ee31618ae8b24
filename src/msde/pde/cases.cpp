#include "msde/pde/cases.hpp"

#define MSDE_CASES_COMPUTE
#include "msde/pde/case_rows-inl.hpp"

namespace msde {
namespace {

// Flow around a cylinder, two velocities. Its data come from another code: data.path.
const Case& cylinder() {
  static const Case row = {
      .name = "cylinder_2d",
      .meaning = "flow around a cylinder",
      .defaults = {},
      .grid = {.channels = 2, .shape = {80, 320}, .length = {}, .boundary = {}, .axes = {}},
      .published = PublishedCase{.coarse_dns = {.130, .040},
                                 .dmd = {.016, .006},
                                 .pod_sindy = {.051, .024},
                                 .macro_only = {.063, .005},
                                 .multiscale = {.009, .001},
                                 .n_zeta = 512,
                                 .n_frames = 100,
                                 .learned_drops_last = 1,
                                 .pod_sindy_drops_last = 1}};
  return row;
}

}  // namespace

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
  return name == cylinder().name ? &cylinder() : nullptr;
}

std::vector<int64_t> Case::snapshot_shape() const {
  std::vector<int64_t> shape = {grid.channels};
  shape.insert(shape.end(), grid.shape.begin(), grid.shape.end());
  return shape;
}

}  // namespace msde
