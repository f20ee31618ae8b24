#include "msde/model/options_for_grid.hpp"

#include <algorithm>

#include "msde/scales/local_modes.hpp"

namespace msde {

ModelOptions options_for_grid(ModelOptions o, const Grid& grid) {
  o.local_modes = std::min(o.local_modes, patch_size(grid, o.n_zeta));
  if (o.position == "preset") o.position = grid.mask ? "on" : "off";
  return o;
}

}  // namespace msde
