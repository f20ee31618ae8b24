// What of the model's options the grid decides.
#pragma once

#include "msde/grid/grid.hpp"
#include "msde/model/model_options.hpp"

namespace msde {

// Options of with_preset() for fields on a grid: no more local modes than a patch has values; model.position as the
// preset has it, on where points are no fluid. ConfigError unless n_zeta divides the grid.
ModelOptions options_for_grid(ModelOptions options, const Grid& grid);

}  // namespace msde
