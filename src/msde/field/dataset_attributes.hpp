// The optional root attributes of a dataset file, and the grid that follows from them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "msde/core/files/hdf5.hpp"
#include "msde/grid/grid.hpp"

namespace msde {

struct DatasetAttributes {
  std::string case_name;                    // case, text
  std::vector<double> length;               // length, one number or one per axis, positive
  std::vector<double> origin, spacing;      // first point and distance of neighbours, as length
  std::vector<std::string> boundary, axes;  // one word per axis: an array of texts, or one text with commas
  std::vector<std::string> channels, parameters;  // names of channels and of mu, as axes
  std::optional<double> noise_std;                // noise_std, not negative
  std::optional<int64_t> seed;                    // seed
};

// Absent attributes stay empty. DataError for one of the wrong type or range.
DatasetAttributes read_dataset_attributes(const hdf5::File& file);

// The grid of snapshots of `snapshot_shape` [C, *grid]. Where the file does not say: length 1 and periodic
// along each axis, axes named x; y, x; z, y, x. One length, origin, spacing or boundary stands for all axes.
// DataError where the counts disagree.
Grid make_grid(const std::vector<int64_t>& snapshot_shape, const DatasetAttributes& attributes,
               const std::string& path);

}  // namespace msde
