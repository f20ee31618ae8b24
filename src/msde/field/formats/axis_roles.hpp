// What the names of an array's axes say about the order in which they stand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace msde {

// Of an array that is read as [member, sample, time, channel, *grid], as far as it has them: for each axis as it is
// read, which one of the file it is. Names are those of CF, xarray and msde itself (realization, sample, trajectory,
// time, t, channel, ..); others are axes of the grid, which keep their order. Empty where the axes stand like that, or
// where not every axis has a name, or two mean the same.
std::vector<size_t> axis_order(const std::vector<std::string>& names);

}  // namespace msde
