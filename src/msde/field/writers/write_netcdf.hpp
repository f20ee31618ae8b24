// Datasets as files of NetCDF-4 with the CF conventions: docs/formats.md, "NetCDF".
#pragma once

#include <string>

#include "msde/field/writers/write_native.hpp"

namespace msde {

// A variable per channel over [sample, time, *grid], trajectories of train, val and test one after the other; with clean
// fields another one beside each. Whole or not at all. DataError: splits of different lengths, or not writable.
void write_netcdf(const Dataset& data, const std::string& path, const WriteReport& report);

}  // namespace msde
