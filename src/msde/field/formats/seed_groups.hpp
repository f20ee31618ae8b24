// PDEBench, a group per trajectory: 2D_rdb_NA_NA.h5 (radial dam break), 2D diffusion-reaction, 1D
// diffusion-sorption. Groups "0000", "0001", .. in the order of their numbers (of their names, where those
// are no numbers), whatever the first and however many; in each
//   data                [t, x, y, c], [t, x, c] (1D) or without the axis of channels
//   grid/x, y, z, t     coordinates, equally spaced
//   @config             the generator's YAML, optional; its lines boundary: and case: are read
// Axes stay in the order of the file and carry its names. All groups must have the grid of the first.
#pragma once

#include <memory>

#include "msde/field/formats/field_source.hpp"
#include "msde/field/formats/file_probe.hpp"

namespace msde {

bool has_seed_groups(const FileProbe& probe);
// DataError naming the group that is not as above or differs from the first. Reads coordinates, no field.
std::unique_ptr<FieldSource> open_seed_groups(FileProbe probe);

}  // namespace msde
