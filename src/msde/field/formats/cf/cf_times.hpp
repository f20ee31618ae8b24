// The times of the trajectories of a file of NetCDF.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "msde/field/formats/cf/cf_file.hpp"
#include "msde/field/formats/cf/cf_layout.hpp"
#include "msde/field/time_units.hpp"

namespace msde {

struct CfTimes {
  std::vector<double> times;  // [N, T]
  double dt = 0;              // 0 of one snapshot; the mean where times are not equally spaced
  bool equal_times = true;
  TimeUnits units;
  std::vector<std::string> notes;
};

// The coordinate of the dimension of time, [T] for all; with `start` [samples] beside it each begins at its own time, as
// in the files that msde writes, or with `t` [samples, T] at its own times. What is equally far apart only in months of its
// calendar is counted in those. Without a coordinate snapshots are counted from 0. DataError: not increasing, or one
// snapshot that may not be the only one.
CfTimes read_cf_times(const CfFile& file, const CfLayout& layout, int64_t n_trajectories,
                      bool may_be_one_snapshot);

}  // namespace msde
