// How a file of fields is looked at: which trajectories are for training, what is cut off, added and
// subtracted. The file itself stays as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "msde/grid/grid.hpp"

namespace msde {

// Differences of stored values and this stay far inside float32.
inline constexpr double kLargestOffset = 1e30;

// field = crop(stored - subtract + noise * N(0, 1)). Noise is drawn on the whole grid, before the crop, value
// by value from the key (seed, data_noise, split and trajectory in it): the same whatever is read first, how
// much of it and by how many threads, and that of `msde generate` with this seed.
struct DataView {
  // The channels, by their names in the file and in this order; empty: all that the file has.
  std::vector<std::string> variables = {};
  // Which points are fluid (formats/find_mask.hpp); empty: what the file says.
  std::string mask = "";
  // Trajectories for training, validation, test: contiguous, in stored order, those left over unused. For
  // files without splits, and only for them; a count of 0 is a split that is not there.
  std::vector<int64_t> split = {};
  // In place of them, for one long series: every trajectory is cut in time. "600,700": snapshots 0..599 are for
  // training, 600..699 for validation, the rest for test; "t=12.5,15": the same by times.
  std::string split_time = "";
  // Validation and test: forecasts start every so many snapshots and last `start_length` of them, so that each
  // trajectory becomes several, which may overlap. 0: one start, the first snapshot.
  int64_t start_every = 0, start_length = 0;
  double noise = 0;     // standard deviation of Gaussian noise, added to every split
  int64_t seed = 0;     // of the noise
  double subtract = 0;  // a constant, from every channel; at most kLargestOffset in size
  std::vector<AxisRange> crop =
      {};  // per named axis; an end that is cut becomes open, of a periodic axis both
  // What of the calendar counts as forcing (clock.hpp). Of models, for which the data must have dates: Dataset::forcing
  // has what the file has.
  std::vector<std::string> clock = {};
  // Of every single field: "auto", "none" or words (grid/symmetry.hpp). Of models that learn from these data.
  std::vector<std::string> symmetry = {"auto"};
  std::string case_name = "";  // "" = what the file says
  std::string boundary = "";   // a word per axis or one for all; "" = what the file says
};

// A usual split of so many trajectories: 90, 5 and 5 per cent.
std::vector<int64_t> suggested_split(int64_t n_trajectories);

// "900,50,50", "x=0:64,y=10:20": ConfigError beginning with `option`. An empty text is no split, no crop.
std::vector<int64_t> parse_split(const std::string& text, const std::string& option);
std::vector<AxisRange> parse_crop(const std::string& text, const std::string& option);
// "u,v"; none of them may be empty or come twice.
std::vector<std::string> parse_names(const std::string& text, const std::string& option);

// Where validation and test begin.
struct TimeSplit {
  bool by_time = false;  // else by snapshot, counted from 0
  double validation = 0, test = 0;
};
// Of DataView::split_time. ConfigError beginning with `option`.
TimeSplit parse_split_time(const std::string& text, const std::string& option);
// A usual cut of so many snapshots, as DataView::split_time: 70, 15 and 15 per cent; fewer than 6 are for training.
std::string suggested_split_time(int64_t n_snapshots);

// The grid seen through the view. ConfigError naming `path` for an axis that is not there, points that it
// does not have, or other boundaries than axes.
Grid view_grid(const Grid& grid, const DataView& view, const std::string& path);
// Per axis first point and number of points that are seen.
std::vector<AxisRange> view_box(const Grid& grid, const DataView& view, const std::string& path);

}  // namespace msde
