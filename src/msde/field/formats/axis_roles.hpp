// What the names of an array's axes say about the order in which they stand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace msde {

// What an axis of an array is, in the order in which msde has them.
enum class AxisRole : size_t { member, sample, time, channel, grid };

// By its name, whatever its case: of CF, xarray, msde itself ("realization", "trajectory", "t", ..); else of the grid.
AxisRole role_of(std::string name);

// Of an array that is read as [member, sample, time, channel, *grid], as far as it has them: for each axis as it is
// read, which one of the file it is. Names are those of CF, xarray and msde itself (realization, sample, trajectory,
// time, t, channel, ..); others are axes of the grid, which keep their order. Empty where the axes stand like that, or
// where not every axis has a name, or two mean the same.
std::vector<size_t> axis_order(const std::vector<std::string>& names);

}  // namespace msde
