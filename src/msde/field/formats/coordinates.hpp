// Coordinates that a file stores point by point: of an axis of space, of time.
#pragma once

#include <string>
#include <vector>

#include "msde/core/files/hdf5.hpp"
#include "msde/field/time_axis.hpp"
#include "msde/grid/grid.hpp"

namespace msde {

// The length of a dataset of numbers with one axis, without reading it. DataError: missing, a group, other
// values, another number of axes.
int64_t coordinate_length(const hdf5::File& file, const std::string& name);

// At least 2, finite, increasing and equally spaced as far as their type can say (time_axis.hpp). DataError naming
// `where` ("file.h5: 'x'"), point, got and expected.
void check_coordinates(const std::vector<double>& points, const std::string& where, Stored stored);

// The first `n` values of such a dataset, checked so.
std::vector<double> read_coordinates(const hdf5::File& file, const std::string& name, int64_t n);
// The first `n` values, at least 2, of times, as they are.
std::vector<double> read_times(const hdf5::File& file, const std::string& name, int64_t n);

// In what precision a dataset has its values, as far as times and coordinates are concerned.
Stored stored_as(const hdf5::File& file, const std::string& name);

// Adds an axis with these points to `grid`: length = points * spacing, origin and spacing of the file.
void add_axis(Grid& grid, const std::string& name, const std::vector<double>& points);

}  // namespace msde
