#include "apps/msde/comparison/row_names.hpp"

namespace msde {

std::vector<std::string> row_names() {
  return {"persistence", "mean",         "climatology",    "coarse_dns", "dmd",
          "pod_sindy",   "pod_galerkin", "eddy_viscosity", "macro_only", "multiscale"};
}

}  // namespace msde
