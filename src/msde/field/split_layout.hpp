// What one split of a dataset file holds, checked without reading its fields.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "msde/field/formats/stored_arrays.hpp"
#include "msde/field/time_axis.hpp"

namespace msde {

struct SplitLayout {
  StoredArrays::Shape x;      // [N, T, C, *grid], every length at least 1 and T at least 2
  int64_t n_mu = 0, n_f = 0;  // 0 where the dataset is absent
  bool has_clean = false;     // of the shape of x
  std::vector<double> times;  // [N, T], increasing
  Stored stored_times = Stored::float32;
  double dt = 0;  // the mean where times are not
  bool equal_times = true;

  bool one_trajectory = false;  // stored without the axis of trajectories
  bool one_channel = false;     // and without that of channels

  std::vector<int64_t> snapshot_shape() const { return {x.begin() + 2, x.end()}; }  // [C, *grid]
};

// The name of a part of a split: {split}_{part}, of the split "" the part alone.
std::string dataset_of(const std::string& split, const std::string& part);

// Looks at {split}_x, _t, _mu, _f, _x_clean, of the split "" at x, t, mu, f, x_clean; nothing where none of them
// exists. x and t must exist together; mu, f and x_clean may be absent. Where t has one axis [T] and x begins with
// it, the file holds one trajectory: x [T, C, *grid], or [T, points] of one channel, mu [n_mu], f [T, n_f]; where T
// is the second axis of x, all trajectories have these times. DataError naming file, dataset, got and expected for
// anything that is not as above. Of `fields_only` mu, f and x_clean are not looked at.
std::optional<SplitLayout> read_split_layout(const StoredArrays& file, const std::string& split,
                                             bool fields_only = false);

// Whether {split}_x, of the split "" x, is one trajectory without its axis, by the shapes of x and t alone.
bool holds_one_trajectory(const StoredArrays& file, const std::string& split);

}  // namespace msde
