// Files of NetCDF as trajectories: docs/formats.md, "NetCDF".
#pragma once

#include <memory>

#include "msde/field/formats/field_source.hpp"
#include "msde/field/formats/file_probe.hpp"

namespace msde {

bool is_netcdf(const FileProbe& probe);
std::unique_ptr<FieldSource> open_netcdf(FileProbe probe);

}  // namespace msde
