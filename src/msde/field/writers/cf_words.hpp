// Coordinates and attributes of the CF conventions (1.8), for the NetCDF-4 files that msde writes. All are numbers or
// UTF-8 texts of new datasets of `file`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/core/files/hdf5.hpp"
#include "msde/field/field_labels.hpp"
#include "msde/grid/grid.hpp"

namespace msde::cf {

void write_conventions(hdf5::File& file, const std::string& title);

// The coordinate 0 .. n - 1 of a dimension called `name`.
void write_numbers(hdf5::File& file, const std::string& name, int64_t n, const std::string& meaning);

// Times of a dataset as those of its file (time_units.hpp), float64, with units and calendar where they are known: the
// coordinate of a dimension, or numbers over `dimension`.
void write_times(hdf5::File& file, const std::string& name, const std::vector<double>& times,
                 const TimeUnits& units, const std::string& dimension = "");

// Times [N, T], row after row, of trajectories that do not have the same since their first: `t` over [sample, time].
void write_times_of_each(hdf5::File& file, const std::vector<double>& times, int64_t n_trajectories,
                         const TimeUnits& units);

// The points of an axis of the grid, with its place in space (X, Y, Z) and its units.
void write_axis(hdf5::File& file, const std::string& name, const Grid& grid, int64_t axis,
                const FieldLabels& labels);

void write_texts(hdf5::File& file, const std::string& name, const std::vector<std::string>& texts,
                 const std::string& dimension);

}  // namespace msde::cf
